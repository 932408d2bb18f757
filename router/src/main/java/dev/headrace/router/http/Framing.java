package dev.headrace.router.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests whose length two readers could understand differently. The decoder refuses most
 * of them; what it lets pass (any transfer coding but {@code chunked}, a missing {@code Host}) and
 * what older decoders let pass is refused here, whatever its version. Pure.
 */
final class Framing {
  private Framing() {}

  /** What is wrong, or null. */
  static @Nullable String fault(HttpServerRequest request) {
    MultiMap headers = request.headers();
    List<String> codings = headers.getAll(HttpHeaders.TRANSFER_ENCODING);
    if (!codings.isEmpty()) {
      if (request.version() == HttpVersion.HTTP_1_0) {
        return "HTTP/1.0 has no Transfer-Encoding.";
      }
      if (codings.size() > 1 || !codings.get(0).equals("chunked")) {
        return "The only Transfer-Encoding that is understood is 'chunked'.";
      }
      if (headers.contains(HttpHeaders.CONTENT_LENGTH)) {
        return "Transfer-Encoding and Content-Length exclude each other.";
      }
    }
    if (headers.getAll(HttpHeaders.CONTENT_LENGTH).size() > 1) {
      return "There is more than one Content-Length.";
    }
    int hosts = headers.getAll(HttpHeaders.HOST).size();
    if (hosts > 1 || (hosts == 0 && request.version() != HttpVersion.HTTP_1_0)) {
      return "Exactly one Host header is needed.";
    }
    return null;
  }
}

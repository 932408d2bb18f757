package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The last requests as they arrived, so that a test can prove what was forwarded. Bounded in number
 * and in bytes of each body. Confined to the worker's event loop.
 */
final class RequestLog {
  private static final int MOST = 256;
  private static final int MOST_BODY_BYTES = 64 << 10;

  private final ArrayDeque<JsonObject> requests = new ArrayDeque<>();

  void add(HttpServerRequest request, Buffer body) {
    JsonArray headers = new JsonArray();
    request.headers().forEach((name, value) -> headers.add(new JsonArray().add(name).add(value)));
    if (requests.size() == MOST) {
      requests.removeFirst();
    }
    int kept = Math.min(body.length(), MOST_BODY_BYTES);
    requests.addLast(
        new JsonObject()
            .put("method", request.method().name())
            .put("uri", request.uri())
            .put("headers", headers)
            .put("body", body.getString(0, kept))
            .put("body_bytes", body.length()));
  }

  /** The newest {@code most}, oldest of them first. */
  JsonArray last(int most) {
    List<JsonObject> all = new ArrayList<>(requests);
    return new JsonArray(new ArrayList<>(all.subList(Math.max(0, all.size() - most), all.size())));
  }

  void clear() {
    requests.clear();
  }
}

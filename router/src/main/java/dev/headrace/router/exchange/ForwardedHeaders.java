package dev.headrace.router.exchange;

import dev.headrace.router.config.Secret;
import dev.headrace.router.fleet.Worker;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The heads of both sides are built anew from lists of what may pass; everything else stays where
 * it is, hop-by-hop headers and control headers of engines among them. (llama-server's {@code
 * X-Conversation-Id}, for one, would keep a generation running after its client left.)
 *
 * <p>A client's credentials are for the router and never go on: a worker gets its own key, or none.
 */
final class ForwardedHeaders {
  private static final List<CharSequence> TO_WORKER =
      List.of(
          HttpHeaders.createOptimized("accept"),
          HttpHeaders.createOptimized("user-agent"),
          HttpHeaders.createOptimized("traceparent"),
          HttpHeaders.createOptimized("tracestate"),
          HttpHeaders.createOptimized("anthropic-version"),
          HttpHeaders.createOptimized("anthropic-beta"),
          HttpHeaders.createOptimized("openai-beta"));
  private static final List<CharSequence> TO_CLIENT =
      List.of(
          HttpHeaders.CONTENT_TYPE,
          HttpHeaders.CONTENT_ENCODING,
          HttpHeaders.createOptimized("content-disposition"),
          HttpHeaders.createOptimized("openai-processing-ms"),
          HttpHeaders.createOptimized("x-compute-type"),
          HttpHeaders.createOptimized("x-compute-time"),
          HttpHeaders.createOptimized("x-compute-characters"),
          HttpHeaders.createOptimized("x-total-time"),
          HttpHeaders.createOptimized("x-validation-time"),
          HttpHeaders.createOptimized("x-queue-time"),
          HttpHeaders.createOptimized("x-inference-time"),
          HttpHeaders.createOptimized("x-time-per-token"),
          HttpHeaders.createOptimized("x-prompt-tokens"),
          HttpHeaders.createOptimized("x-generated-tokens"));
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");

  private ForwardedHeaders() {}

  static MultiMap toWorker(MultiMap client, Worker worker, String requestId) {
    MultiMap headers = HttpHeaders.headers();
    String type = client.get(HttpHeaders.CONTENT_TYPE);
    if (type == null) {
      headers.set(HttpHeaders.CONTENT_TYPE, JSON);
    } else {
      headers.set(HttpHeaders.CONTENT_TYPE, type);
    }
    for (CharSequence name : TO_WORKER) {
      copy(client, headers, name);
    }
    headers.set(REQUEST_ID, requestId);
    LoadHeaders.ask(headers, worker);
    Secret key = worker.spec().apiKey();
    if (key != null) {
      headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + key.reveal());
    }
    return headers;
  }

  static void toClient(MultiMap worker, MultiMap client) {
    for (CharSequence name : TO_CLIENT) {
      copy(worker, client, name);
    }
  }

  /** The body's length as the worker told it, or -1. */
  static long contentLength(MultiMap worker) {
    String text = worker.get(HttpHeaders.CONTENT_LENGTH);
    if (text == null || text.isEmpty() || text.length() > 18) {
      return -1;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return -1;
      }
    }
    return Long.parseLong(text);
  }

  static boolean isEventStream(MultiMap worker) {
    @Nullable String type = worker.get(HttpHeaders.CONTENT_TYPE);
    return type != null && type.regionMatches(true, 0, "text/event-stream", 0, 17);
  }

  private static void copy(MultiMap from, MultiMap to, CharSequence name) {
    String value = from.get(name);
    if (value != null) {
      to.set(name, value);
    }
  }
}

package dev.headrace.router.exchange;

import dev.headrace.router.config.Secret;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.wire.ClientSide;
import dev.headrace.router.wire.Fields;
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
  private static final List<String> TO_WORKER =
      List.of(
          "accept",
          "user-agent",
          "traceparent",
          "tracestate",
          "anthropic-version",
          "anthropic-beta",
          "openai-beta");
  private static final List<String> TO_CLIENT =
      List.of(
          "content-type",
          "content-encoding",
          "content-disposition",
          "openai-processing-ms",
          "x-compute-type",
          "x-compute-time",
          "x-compute-characters",
          "x-total-time",
          "x-validation-time",
          "x-queue-time",
          "x-inference-time",
          "x-time-per-token",
          "x-prompt-tokens",
          "x-generated-tokens");

  private ForwardedHeaders() {}

  /** A name that stands in several lines is one list. */
  static Fields toWorker(ClientSide client, Worker worker, String requestId) {
    Fields fields = new Fields();
    String type = client.header("content-type");
    fields.add("content-type", type == null ? "application/json" : type);
    for (String name : TO_WORKER) {
      List<String> values = client.headers(name);
      if (!values.isEmpty()) {
        fields.add(name, values.size() == 1 ? values.get(0) : String.join(", ", values));
      }
    }
    // What is judged on its way has to be readable.
    fields.add("accept-encoding", "identity");
    fields.add("x-request-id", requestId);
    LoadHeaders.ask(fields, worker);
    Secret key = worker.spec().apiKey();
    if (key != null) {
      fields.add("authorization", "Bearer " + key.reveal());
    }
    return fields;
  }

  static void toClient(Fields worker, ClientSide client) {
    for (String name : TO_CLIENT) {
      String value = worker.get(name);
      if (value != null) {
        client.field(name, value);
      }
    }
  }

  /** The length of the body that the worker told, or -1. */
  static long contentLength(Fields worker) {
    return length(worker.get("content-length"));
  }

  /** The length of the body that the client told, or -1. */
  static long contentLength(ClientSide client) {
    return length(client.header("content-length"));
  }

  private static long length(@Nullable String text) {
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

  static boolean isEventStream(Fields worker) {
    String type = worker.get("content-type");
    return type != null && type.regionMatches(true, 0, "text/event-stream", 0, 17);
  }
}

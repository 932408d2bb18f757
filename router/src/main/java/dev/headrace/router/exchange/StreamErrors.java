package dev.headrace.router.exchange;

import dev.headrace.router.error.ErrorBody;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.worker.Endpoint;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;

/** The last event of a failed stream, in the form that the endpoint's clients look for. */
final class StreamErrors {
  private StreamErrors() {}

  /**
   * Renders the router's own error.
   *
   * @param sequence number of this event, counted from 0 ({@code /v1/responses} only)
   */
  static byte[] event(
      Endpoint endpoint, ErrorCode code, String message, String requestId, int sequence) {
    if (endpoint == Endpoint.RESPONSES) {
      return response(code.code(), message, sequence);
    }
    JsonObject body = ErrorBody.render(endpoint.dialect(), code, message, null, requestId);
    return frame(endpoint, body.encode());
  }

  /** The error that a worker told, in its own words when they have the endpoint's form. */
  static byte[] event(
      Endpoint endpoint, WorkerErrors.Answer answer, String requestId, int sequence) {
    if (endpoint == Endpoint.RESPONSES) {
      return response(answer.code().code(), answer.message(), sequence);
    }
    return frame(endpoint, answer.body());
  }

  private static byte[] response(String code, String message, int sequence) {
    JsonObject body =
        new JsonObject()
            .put("type", "error")
            .put("code", code)
            .put("message", message)
            .putNull("param")
            .put("sequence_number", sequence);
    return bytes("event: error\ndata: " + body.encode() + "\n\n");
  }

  private static byte[] frame(Endpoint endpoint, String json) {
    return switch (endpoint.dialect()) {
      case ANTHROPIC -> bytes("event: error\ndata: " + json + "\n\n");
      case OPENAI -> bytes("data: " + json + "\n\n");
      case TGI -> bytes("data:" + json + "\n\n");
    };
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

package dev.headrace.router.exchange;

import dev.headrace.router.error.ErrorBody;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.worker.Endpoint;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** The last event of a failed stream, in the form that the endpoint's clients look for. */
final class StreamErrors {
  private StreamErrors() {}

  /**
   * Renders the router's own error.
   *
   * @param sequence number of this event, counted from 0 ({@code /v1/responses} only)
   */
  static Buffer event(
      Endpoint endpoint, ErrorCode code, String message, String requestId, int sequence) {
    if (endpoint == Endpoint.RESPONSES) {
      return response(code.code(), message, sequence);
    }
    JsonObject body = ErrorBody.render(endpoint.dialect(), code, message, null, requestId);
    return frame(endpoint, body.encode());
  }

  /** The error that a worker told, in its own words when they have the endpoint's form. */
  static Buffer event(
      Endpoint endpoint, WorkerErrors.Answer answer, String requestId, int sequence) {
    if (endpoint == Endpoint.RESPONSES) {
      return response(answer.code().code(), answer.message(), sequence);
    }
    return frame(endpoint, answer.body());
  }

  private static Buffer response(String code, String message, int sequence) {
    JsonObject body =
        new JsonObject()
            .put("type", "error")
            .put("code", code)
            .put("message", message)
            .putNull("param")
            .put("sequence_number", sequence);
    return Buffer.buffer("event: error\ndata: " + body.encode() + "\n\n");
  }

  private static Buffer frame(Endpoint endpoint, String json) {
    return switch (endpoint.dialect()) {
      case ANTHROPIC -> Buffer.buffer("event: error\ndata: " + json + "\n\n");
      case OPENAI -> Buffer.buffer("data: " + json + "\n\n");
      case TGI -> Buffer.buffer("data:" + json + "\n\n");
    };
  }
}

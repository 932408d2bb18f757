package dev.headrace.router.error;

import dev.headrace.worker.Endpoint.Dialect;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** The one renderer of error bodies, in the form that the endpoint's clients read. */
public final class ErrorBody {
  private ErrorBody() {}

  /**
   * Renders an error.
   *
   * @param message for the person who reads it: what happened, to what, what was expected
   * @param param the request field at fault, or null
   * @param requestId also sent as {@code x-request-id}
   */
  public static JsonObject render(
      Dialect dialect,
      ErrorCode code,
      String message,
      @Nullable String param,
      @Nullable String requestId) {
    return switch (dialect) {
      case OPENAI -> openai(message, code.type().openai(), param, code.code());
      case ANTHROPIC ->
          new JsonObject()
              .put("type", "error")
              .put(
                  "error",
                  new JsonObject().put("type", anthropicType(code)).put("message", message))
              .put("request_id", requestId);
      case TGI -> new JsonObject().put("error", message).put("error_type", code.code());
    };
  }

  /** OpenAI's form; all four keys are always there. */
  public static JsonObject openai(
      String message, String type, @Nullable String param, @Nullable String code) {
    return new JsonObject()
        .put(
            "error",
            new JsonObject()
                .put("message", message)
                .put("type", type)
                .put("param", param)
                .put("code", code));
  }

  private static String anthropicType(ErrorCode code) {
    return code.status() == 404 ? "not_found_error" : code.type().anthropic();
  }
}

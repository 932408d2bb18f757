package dev.headrace.worker.engine;

import dev.headrace.worker.FailureKind;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an error means when the dialect itself has nothing to add: the rules that the engines share.
 *
 * <p>Words win over the status where engines are known to send the same status for different things
 * (context length and wrong parameters are both 400; overload inside TGI's streams says 422). Texts
 * are compared in lower case, see {@link EngineError}.
 */
final class FailureRules {

  /** Said by OpenAI, its many followers and vLLM when the prompt does not fit. */
  private static final List<String> CONTEXT_WORDS =
      List.of(
          "maximum context length",
          "context length exceeded",
          "context_length_exceeded",
          "exceeds the available context size",
          "exceeds the maximum number of tokens allowed",
          "prompt is too long",
          "context window");

  private static final List<String> FULL_WORDS =
      List.of("overloaded", "queue is full", "too many requests", "server busy", "at capacity");

  private static final List<String> ABSENT_WORDS =
      List.of("does not exist", "not found", "not exist", "is not loaded", "unknown model");

  private static final Set<String> FULL_TYPES =
      Set.of("overloaded", "overloaded_error", "rate_limit_error", "rate_limit_exceeded");

  private static final Set<String> REQUEST_TYPES =
      Set.of("invalid_request_error", "badrequesterror", "bad request", "validation");

  private static final Set<String> CREDENTIAL_TYPES =
      Set.of("authentication_error", "permission_error", "billing_error", "invalid_api_key");

  private FailureRules() {}

  /** The meaning of an answer with this status. */
  static FailureKind ofAnswer(int status, EngineError error) {
    FailureKind said = ofWords(status, error);
    return said != null ? said : ofStatus(status, error);
  }

  /** The meaning of an error event: its status is inside of it, or nowhere. */
  static FailureKind ofEvent(EngineError error) {
    if (error.says(FULL_WORDS) || isAny(FULL_TYPES, error)) {
      return FailureKind.FULL;
    }
    if (error.status() != 0) {
      return ofAnswer(error.status(), error);
    }
    FailureKind said = ofWords(400, error);
    if (said != null) {
      return said;
    }
    if (isAny(REQUEST_TYPES, error)) {
      return FailureKind.BAD_REQUEST;
    }
    return isAny(CREDENTIAL_TYPES, error) ? FailureKind.BAD_CREDENTIAL : FailureKind.BROKEN;
  }

  private static @Nullable FailureKind ofWords(int status, EngineError error) {
    boolean blamesRequest = status == 400 || status == 404 || status == 413 || status == 422;
    if (!blamesRequest) {
      return null;
    }
    if (error.code().equals("context_length_exceeded") || error.says(CONTEXT_WORDS)) {
      return FailureKind.CONTEXT_TOO_LONG;
    }
    return namesUnknownModel(status, error) ? FailureKind.UNKNOWN_MODEL : null;
  }

  private static boolean namesUnknownModel(int status, EngineError error) {
    if (error.code().equals("model_not_found")) {
      return true;
    }
    if (!error.says(ABSENT_WORDS)) {
      return false;
    }
    // A 400 speaks of models for many reasons; one that begins so speaks of the requested one.
    return status == 404
        ? error.says("model")
        : error.param().equals("model")
            || error.message().startsWith("model ")
            || error.message().startsWith("the model ");
  }

  private static FailureKind ofStatus(int status, EngineError error) {
    return switch (status) {
      case 401, 402, 403, 407 -> FailureKind.BAD_CREDENTIAL;
      case 404, 405, 410, 501 -> FailureKind.UNSUPPORTED;
      case 408, 424 -> FailureKind.BROKEN;
      case 425 -> FailureKind.NOT_READY;
      case 429 ->
          // An account without money is not relieved by waiting.
          isAny(Set.of("insufficient_quota"), error)
              ? FailureKind.BAD_CREDENTIAL
              : FailureKind.FULL;
      case 529 -> FailureKind.FULL;
      case 503 ->
          error.says(FULL_WORDS) || isAny(FULL_TYPES, error)
              ? FailureKind.FULL
              : FailureKind.NOT_READY;
      default -> {
        if (status >= 300 && status < 400) {
          yield FailureKind.UNSUPPORTED; // redirects are never followed
        }
        yield status >= 400 && status < 500 ? FailureKind.BAD_REQUEST : FailureKind.BROKEN;
      }
    };
  }

  private static boolean isAny(Set<String> names, EngineError error) {
    return names.contains(error.type()) || names.contains(error.code());
  }
}

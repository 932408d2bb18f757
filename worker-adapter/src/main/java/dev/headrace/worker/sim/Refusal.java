package dev.headrace.worker.sim;

import org.jspecify.annotations.Nullable;

/**
 * Why a request gets no answer, before a dialect has put it into its own words.
 *
 * @param promptTokens tokens of the prompt, 0 when not known
 * @param contextTokens the context that they do not fit, 0 when not the matter
 */
record Refusal(
    Kind kind, String message, @Nullable String param, int promptTokens, int contextTokens) {

  enum Kind {
    BAD_JSON(400),
    BAD_REQUEST(400),
    UNAUTHORIZED(401),
    NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    TOO_LARGE(413),
    UNKNOWN_MODEL(404),
    CONTEXT_TOO_LONG(400),
    OVERLOADED(503),
    RATE_LIMITED(429),
    INTERNAL(500);

    /** The usual HTTP status; a dialect may have another. */
    final int status;

    Kind(int status) {
      this.status = status;
    }
  }

  static Refusal of(Kind kind, String message) {
    return new Refusal(kind, message, null, 0, 0);
  }

  /** Carries a refusal out of the code that reads a request. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final transient Refusal refusal;

    Refused(Refusal refusal) {
      super(refusal.message(), null, false, false);
      this.refusal = refusal;
    }
  }

  static Refused badRequest(String message, @Nullable String param) {
    return new Refused(new Refusal(Kind.BAD_REQUEST, message, param, 0, 0));
  }
}

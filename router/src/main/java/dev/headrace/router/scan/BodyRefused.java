package dev.headrace.router.scan;

import dev.headrace.router.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/** The only way in which reading a request body fails. Expected, therefore without a stack. */
public final class BodyRefused extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final @Nullable String param;

  public BodyRefused(ErrorCode code, String message, @Nullable String param) {
    super(message, null, false, false);
    this.code = code;
    this.param = param;
  }

  public ErrorCode code() {
    return code;
  }

  /** The field at fault, or null when it is the body as a whole. */
  public @Nullable String param() {
    return param;
  }

  /** What to tell the client. */
  public String reason() {
    String message = getMessage();
    return message == null ? code.code() : message;
  }
}

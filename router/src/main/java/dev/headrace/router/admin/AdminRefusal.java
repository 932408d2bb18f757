package dev.headrace.router.admin;

import dev.headrace.router.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Why the admin API does not do what was asked. Stackless: it is an answer, not a fault. */
public final class AdminRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final @Nullable String param;

  /**
   * @param message for the operator: what happened, to what, what was expected
   * @param param the field or parameter at fault, or null
   */
  public AdminRefusal(ErrorCode code, String message, @Nullable String param) {
    super(message, null, false, false);
    this.code = code;
    this.param = param;
  }

  public ErrorCode code() {
    return code;
  }

  public @Nullable String param() {
    return param;
  }

  static AdminRefusal field(String path, String expected, String got) {
    return new AdminRefusal(
        ErrorCode.INVALID_PARAMETER, path + ": expected " + expected + ", got " + got, path);
  }
}

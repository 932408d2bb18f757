package dev.headrace.worker.agent;

/** The target answered, and not as wished. */
public final class RegistrationException extends Exception {
  private static final long serialVersionUID = 1L;

  /** LOST: it does not know the worker. REFUSED: it does not want what it was sent. */
  public enum Kind {
    LOST,
    REFUSED
  }

  private final Kind kind;

  RegistrationException(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}

package dev.headrace.worker;

/** What a worker's refusal or error means to the one who chose that worker. */
public enum FailureKind {
  /** It has no room now; another worker may have. Retryable elsewhere. */
  FULL(true),
  /** Its model is still loading, or it is shutting down. Retryable elsewhere. */
  NOT_READY(true),
  /** It broke. Retryable elsewhere while nothing was sent to the client. */
  BROKEN(true),
  /** It refuses the router's own credential: a fault of configuration. Retryable elsewhere. */
  BAD_CREDENTIAL(true),
  /** It does not know the model, though it was registered for it. Retryable elsewhere. */
  UNKNOWN_MODEL(true),
  /** It does not have that path. Retryable elsewhere. */
  UNSUPPORTED(true),
  /** The prompt does not fit its context: the client's fault. */
  CONTEXT_TOO_LONG(false),
  /** A parameter is wrong: the client's fault. */
  BAD_REQUEST(false);

  private final boolean retryable;

  FailureKind(boolean retryable) {
    this.retryable = retryable;
  }

  /** True when the same request may succeed on another worker. */
  public boolean retryable() {
    return retryable;
  }
}

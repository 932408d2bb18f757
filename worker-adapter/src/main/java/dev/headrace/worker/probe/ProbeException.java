package dev.headrace.worker.probe;

/**
 * A worker could not be asked, or its answer is of no use. The message is one clause about the
 * worker for a person, without its address: {@code connection refused}, {@code no answer within
 * 2000 ms}. Stackless: it is an expected outcome.
 */
public final class ProbeException extends Exception {

  private static final long serialVersionUID = 1L;

  /** What is at fault, for those who act on it. */
  public enum Fault {
    /** Nothing listens there, or it does not speak HTTP. */
    UNREACHABLE,
    /** It did not answer in time. */
    TIMED_OUT,
    /** It wants another API key. */
    CREDENTIAL,
    /** It is there, but its model is still loading, or it is shutting down. */
    NOT_READY,
    /** It answered, but not as an inference server does. */
    UNREADABLE,
    /** The asker: see {@link LocalFault}. Nothing is known of the worker. */
    LOCAL
  }

  private final Fault fault;

  public ProbeException(Fault fault, String reason) {
    super(reason, null, false, false);
    this.fault = fault;
  }

  public Fault fault() {
    return fault;
  }

  /** The message, never null. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}

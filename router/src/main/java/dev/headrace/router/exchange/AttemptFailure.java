package dev.headrace.router.exchange;

import dev.headrace.router.balance.Ending;
import dev.headrace.worker.FailureKind;
import org.jspecify.annotations.Nullable;

/**
 * Why an attempt gave no answer.
 *
 * @param cause the label of the retry metric
 * @param kind what it means
 * @param status the worker's HTTP status; 0 when there was none
 * @param body the worker's error body or error event, or null
 * @param detail for the log, never for a client: it may name addresses
 */
record AttemptFailure(
    Cause cause, FailureKind kind, int status, @Nullable String body, String detail) {

  /** A failure without a word from the worker. */
  static AttemptFailure of(Cause cause, FailureKind kind, String detail) {
    return new AttemptFailure(cause, kind, 0, null, detail);
  }

  /** What it means to the balance. */
  Ending ending() {
    if (cause == Cause.LOCAL) {
      return Ending.IGNORED;
    }
    return switch (kind) {
      case FULL, UNSUPPORTED -> Ending.REFUSED;
      case NOT_READY, BROKEN, BAD_CREDENTIAL, UNKNOWN_MODEL -> Ending.FAILED;
      case CONTEXT_TOO_LONG, BAD_REQUEST -> Ending.IGNORED;
    };
  }

  /** True when the same worker may do better at once: nothing that it said speaks against it. */
  boolean mayPass() {
    return cause != Cause.CONNECT && (kind == FailureKind.BROKEN || kind == FailureKind.NOT_READY);
  }

  /** Where it failed. */
  enum Cause {
    CONNECT("connect"),
    LOCAL("local"),
    CLOSED_BEFORE_HEAD("closed_before_head"),
    STATUS("status"),
    ERROR_EVENT("error_event"),
    TRUNCATED("truncated"),
    NOT_A_STREAM("not_a_stream");

    private final String label;

    Cause(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }
}

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

  /** What it means to the balance. */
  static Ending ending(FailureKind kind) {
    return switch (kind) {
      case FULL, UNSUPPORTED -> Ending.REFUSED;
      case NOT_READY, BROKEN, BAD_CREDENTIAL, UNKNOWN_MODEL -> Ending.FAILED;
      case CONTEXT_TOO_LONG, BAD_REQUEST -> Ending.IGNORED;
    };
  }

  /** Where it failed. */
  enum Cause {
    CONNECT("connect"),
    POOL_FULL("pool_full"),
    CLOSED_BEFORE_HEAD("closed_before_head"),
    STATUS("status"),
    ERROR_EVENT("error_event"),
    TRUNCATED("truncated"),
    NOT_A_STREAM("not_a_stream"),
    TIMEOUT("timeout");

    private final String label;

    Cause(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }
}

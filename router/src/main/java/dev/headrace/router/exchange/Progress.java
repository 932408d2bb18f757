package dev.headrace.router.exchange;

import dev.headrace.router.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/** How far one try on a worker came, and when: what its clocks look at. Confined to one loop. */
final class Progress {
  private final long startedNanos = System.nanoTime();
  private long activeNanos = startedNanos;
  private boolean content;

  /** The worker did something that counts; tells when it last did. */
  long active(long now) {
    long before = activeNanos;
    activeNanos = now;
    return before;
  }

  /** Output arrived; true when it was the first. */
  boolean firstContent() {
    boolean first = !content;
    content = true;
    return first;
  }

  boolean content() {
    return content;
  }

  boolean silentFor(long nanos, long now) {
    return now - activeNanos > nanos;
  }

  /**
   * The clock that ran out, or null.
   *
   * @param head the worker's head is there
   */
  @Nullable ErrorCode ranOut(long now, Clocks clocks, boolean stream, boolean head) {
    if (stream && !content) {
      return now - startedNanos > clocks.firstToken() ? ErrorCode.FIRST_TOKEN_TIMEOUT : null;
    }
    return head && silentFor(clocks.idle(), now) ? ErrorCode.IDLE_TIMEOUT : null;
  }
}

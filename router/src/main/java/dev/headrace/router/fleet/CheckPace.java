package dev.headrace.router.fleet;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When one worker is checked next. A ready worker is checked at the interval, and at once when a
 * request on it failed. Hurried checks and those of a worker that is not ready back off: 250 to 500
 * ms after the last one, then twice as long each time, up to the interval. Pure; confined to one
 * thread; times are monotonic nanoseconds.
 */
final class CheckPace {
  private static final Duration FIRST = Duration.ofMillis(500);

  private final Duration interval;
  private final Jitter jitter;

  /** Checks in a row that were hurried or found it not ready. */
  private int row;

  private boolean hurried;
  private long earliest;
  private long due;

  /** A worker that is to be checked at once. */
  CheckPace(Duration interval, Jitter jitter, long now) {
    this.interval = interval;
    this.jitter = jitter;
    this.earliest = now;
    this.due = now;
  }

  /**
   * A check ended, made or not.
   *
   * @return milliseconds until the next one
   */
  long ended(boolean ready, long now) {
    row = ready && !hurried ? 0 : row + 1;
    hurried = false;
    long least = row == 0 ? 0 : jitter.backOff(FIRST, interval, row);
    long wait = ready ? jitter.around(interval) : least;
    earliest = now + TimeUnit.MILLISECONDS.toNanos(least);
    due = now + TimeUnit.MILLISECONDS.toNanos(wait);
    return wait;
  }

  /**
   * Something tells that it should be checked soon.
   *
   * @return milliseconds until then, or -1 when the next check comes as soon anyway
   */
  long hurry(long now) {
    hurried = true;
    long at = earliest - now > 0 ? earliest : now;
    if (due - at <= 0) {
      return -1;
    }
    due = at;
    return TimeUnit.NANOSECONDS.toMillis(at - now);
  }

  /** Another process is there now: what was learned of the old one holds no longer. */
  void anew(long now) {
    row = 0;
    earliest = now;
  }
}

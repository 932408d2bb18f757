package dev.headrace.router.limit;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket that holds one minute's worth and refills with every nanosecond. It is kept as one
 * number, the time at which it will be full again, so that it needs no timer and no lock:
 *
 * <pre>
 * owed(t) = max(0, fullAt − t)                 what is missing, as time of refill [ns]
 * take c:   allowed if owed(t) + c ≤ 1 min;    fullAt ← t + owed(t) + c
 * </pre>
 *
 * <p>Since all amounts are times of refill, a changed limit keeps the share of the bucket that is
 * in use. What was used without having been taken is owed, beyond a whole minute's worth if need
 * be, but never more than {@link #MOST_OWED}. Any thread.
 */
final class TokenBucket {
  /** Time in which an empty bucket becomes full. */
  static final long PERIOD = TimeUnit.MINUTES.toNanos(1);

  /** A worker that reports an absurd usage does not lock a key out for longer than this. */
  static final long MOST_OWED = TimeUnit.HOURS.toNanos(1);

  private final AtomicLong fullAt;

  /** A full bucket; {@code now} is the caller's monotonic nanoseconds, here and below. */
  TokenBucket(long now) {
    fullAt = new AtomicLong(now);
  }

  /**
   * Takes an amount.
   *
   * @param cost 0 to {@link #PERIOD}
   * @return 0 when it was taken, else the time after which it could be
   */
  long take(long cost, long now) {
    while (true) {
      long before = fullAt.get();
      long owed = Math.max(0, before - now);
      if (owed + cost > PERIOD) {
        return owed + cost - PERIOD;
      }
      if (fullAt.compareAndSet(before, now + owed + cost)) {
        return 0;
      }
    }
  }

  /** Takes what was used beyond what had been taken, or gives back (below 0) what was not used. */
  void correct(long difference, long now) {
    long before;
    long after;
    do {
      before = fullAt.get();
      long owed = Math.max(0, before - now) + difference;
      after = now + Math.max(0, Math.min(owed, MOST_OWED));
    } while (!fullAt.compareAndSet(before, after));
  }

  /** Time until it is full. */
  long owed(long now) {
    return Math.max(0, fullAt.get() - now);
  }
}

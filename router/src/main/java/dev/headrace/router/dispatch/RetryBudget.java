package dev.headrace.router.dispatch;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Keeps further attempts a bounded share of what clients ask, so that an outage of all workers is
 * not multiplied by the number of attempts:
 *
 * <pre>retries ≤ share · requests + rate · window,   all within the last {@value #SECONDS} s</pre>
 *
 * <p>The window is made of {@value #SECONDS} slots of one second each, so it is between {@code
 * SECONDS - 1} and {@code SECONDS} long. Any thread. A request costs one compare-and-set; the lock
 * is for retries alone, so that none is granted beyond the bound.
 */
public final class RetryBudget {
  /** Length of the window [s]. */
  static final int SECONDS = 10;

  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long COUNT_MASK = 0xffff_ffffL;

  private final double share;
  private final double floor;
  private final LongSupplier clock;
  private final long origin;
  private final AtomicLongArray requests = new AtomicLongArray(SECONDS);
  private final AtomicLongArray retries = new AtomicLongArray(SECONDS);
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * @param share retries per request
   * @param minPerSecond retries per second that are allowed beyond that
   * @param clock monotonic nanoseconds
   */
  public RetryBudget(double share, double minPerSecond, LongSupplier clock) {
    this.share = share;
    this.floor = minPerSecond * SECONDS;
    this.clock = clock;
    this.origin = clock.getAsLong();
  }

  /** A request is given to its first worker. */
  public void request() {
    add(requests, second());
  }

  /** Takes one retry out of the budget; false when there is none left. */
  public boolean tryRetry() {
    lock.lock();
    try {
      long now = second();
      if (sum(retries, now) + 1 > share * sum(requests, now) + floor + 1e-9) {
        return false;
      }
      add(retries, now);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** From 1, so that an empty slot is never of this second. */
  private long second() {
    return (clock.getAsLong() - origin) / SECOND_NANOS + 1;
  }

  /** A slot holds its second in the upper half and its count in the lower. */
  private static void add(AtomicLongArray slots, long second) {
    int slot = (int) (second % SECONDS);
    long seen;
    long next;
    do {
      seen = slots.get(slot);
      next = seen >>> 32 == second ? seen + 1 : (second << 32) + 1;
    } while (!slots.compareAndSet(slot, seen, next));
  }

  private static double sum(AtomicLongArray slots, long now) {
    long sum = 0;
    for (int i = 0; i < SECONDS; i++) {
      long slot = slots.get(i);
      if (now - (slot >>> 32) < SECONDS) {
        sum += slot & COUNT_MASK;
      }
    }
    return (double) sum;
  }
}

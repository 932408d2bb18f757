package dev.headrace.router.fleet.consul;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next query. Confined to one context.
 *
 * <ul>
 *   <li>An answer that changed something is followed at once, though by no more than a hundred
 *       queries per second: so a registration is never delayed.
 *   <li>An answer that changed nothing takes a token from a bucket of {@value #BURST}, which gets
 *       one each second. Consul wakes queries for reasons of its own; a busy catalog must not make
 *       this loop spin, and a single empty wake-up must not cost a second.
 *   <li>Failure n (from 1) waits between half of and the whole of {@code min(100 ms * 2^(n-1), 5
 *       s)}, at random, so that many routers do not come back in step.
 * </ul>
 */
final class QueryPace {
  static final int BURST = 5;

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long CHANGED_GAP = Duration.ofMillis(10).toNanos();
  private static final long FIRST_RETRY = Duration.ofMillis(100).toNanos();
  private static final long LAST_RETRY = Duration.ofSeconds(5).toNanos();

  private final RandomGenerator random;
  private long bucketFullAt = Long.MIN_VALUE;
  private int failures;

  QueryPace(RandomGenerator random) {
    this.random = random;
  }

  /**
   * @param started when the answered query was sent, in nanoseconds of the monotonic clock
   * @param now when the answer came, same clock
   * @return nanoseconds to wait, 0 or more
   */
  long afterAnswer(long started, long now, boolean changed) {
    failures = 0;
    if (changed) {
      return Math.max(0, CHANGED_GAP - (now - started));
    }
    // The bucket as a virtual clock: it is full at bucketFullAt, each token taken moves that by 1
    // s.
    bucketFullAt = bucketFullAt == Long.MIN_VALUE ? now : bucketFullAt;
    if (bucketFullAt - now < 0) {
      bucketFullAt = now;
    }
    bucketFullAt += SECOND;
    return Math.max(0, bucketFullAt - now - BURST * SECOND);
  }

  /** Nanoseconds to wait after one more failure in a row. */
  long afterFailure() {
    long most = Math.min(LAST_RETRY, FIRST_RETRY << Math.min(failures, 16));
    failures++;
    return most / 2 + random.nextLong(most / 2 + 1);
  }
}

package dev.headrace.router.fleet;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Delays that do not march in step. As thread-safe as its random source. */
final class Jitter {
  private final RandomGenerator random;

  Jitter(RandomGenerator random) {
    this.random = random;
  }

  /** Between 0.8 and 1.2 times the period, in milliseconds, at least 1. */
  long around(Duration period) {
    return Math.max(1, (long) (period.toMillis() * (0.8 + 0.4 * random.nextDouble())));
  }

  /**
   * Exponential back-off with equal jitter: {@code d = min(max, first * 2^(n-1))}, then between d/2
   * and d, in milliseconds, at least 1.
   *
   * @param failures n, failures in a row, at least 1
   */
  long backOff(Duration first, Duration max, int failures) {
    long grown = first.toMillis() << Math.min(failures - 1, 20);
    long bound = Math.min(max.toMillis(), grown);
    return Math.max(1, bound / 2 + (long) (random.nextDouble() * (bound - bound / 2)));
  }
}

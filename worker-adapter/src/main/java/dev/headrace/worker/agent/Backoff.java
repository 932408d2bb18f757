package dev.headrace.worker.agent;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Delays of retries: failure n (from 1) waits between half of and the whole of {@code min(first *
 * 2^(n-1), most)}, at random, so that many agents do not come back in step. Confined to one
 * context.
 */
final class Backoff {
  private final Duration first;
  private final Duration most;
  private final RandomGenerator random;
  private int failures;

  Backoff(Duration first, Duration most, RandomGenerator random) {
    this.first = first;
    this.most = most;
    this.random = random;
  }

  /** Milliseconds to wait after one more failure, at least 1. */
  long next() {
    long bound = Math.min(most.toMillis(), first.toMillis() << Math.min(failures, 20));
    failures++;
    return Math.max(1, bound / 2 + random.nextLong(bound / 2 + 1));
  }

  void reset() {
    failures = 0;
  }
}

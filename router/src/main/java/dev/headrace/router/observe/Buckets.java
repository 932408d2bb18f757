package dev.headrace.router.observe;

import java.time.Duration;

/** Bounds of the histograms: few, and where decisions are made. */
final class Buckets {
  private Buckets() {}

  static final Duration[] FIRST_TOKEN =
      millis(5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000);
  static final Duration[] TOKEN_GAP = millis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000);
  static final Duration[] WHOLE =
      millis(10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 120_000, 600_000);
  static final Duration[] QUEUE = millis(1, 5, 10, 50, 100, 500, 1000, 5000, 30_000);
  static final Duration[] CANCEL = millis(1, 2, 5, 10, 25, 50, 100, 250, 1000);

  /** A factor either way; within 5 % and 10 % is what estimates are judged by. */
  static final double[] ESTIMATE = {0.5, 0.75, 0.9, 0.95, 1.05, 1.1, 1.25, 1.5, 2};

  private static Duration[] millis(long... bounds) {
    Duration[] durations = new Duration[bounds.length];
    for (int i = 0; i < bounds.length; i++) {
      durations[i] = Duration.ofMillis(bounds[i]);
    }
    return durations;
  }
}

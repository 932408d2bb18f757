package dev.headrace.loadtest.run;

import java.util.concurrent.atomic.LongAdder;

/** Counts of all requests, the warm-up's too, for whoever watches a run. Any thread. */
public final class LiveCounts {
  final LongAdder started = new LongAdder();
  final LongAdder completed = new LongAdder();
  final LongAdder failed = new LongAdder();

  public long started() {
    return started.sum();
  }

  public long completed() {
    return completed.sum();
  }

  public long failed() {
    return failed.sum();
  }

  public long inFlight() {
    return Math.max(0, started() - completed() - failed());
  }
}

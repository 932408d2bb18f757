package dev.headrace.loadtest.run;

import dev.headrace.loadtest.plan.Arrival;
import dev.headrace.loadtest.plan.PlanShare;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closed loop: each user sends the next request of the plan when the last one is answered. After a
 * failure a user pauses briefly, since a refusing target would otherwise turn the users into a busy
 * loop.
 */
final class ClosedPacer implements Pacer {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Launcher launcher;
  private final PlanShare warmup;
  private final PlanShare measured;
  private final long warmupNanos;
  private final long measuredNanos;
  private int users;
  private long startNanos;

  ClosedPacer(
      Launcher launcher,
      PlanShare warmup,
      PlanShare measured,
      long warmupNanos,
      long measuredNanos,
      int users) {
    this.launcher = launcher;
    this.warmup = warmup;
    this.measured = measured;
    this.warmupNanos = warmupNanos;
    this.measuredNanos = measuredNanos;
    this.users = users;
  }

  @Override
  public void begin(long start) {
    startNanos = start;
    int all = users;
    if (all == 0) {
      launcher.exhausted();
    }
    for (int user = 0; user < all; user++) {
      next();
    }
  }

  @Override
  public void ended(boolean failed) {
    if (failed) {
      launcher.after(PAUSE_NANOS, this::next);
    } else {
      next();
    }
  }

  private void next() {
    long now = System.nanoTime();
    boolean isMeasured = now - startNanos >= warmupNanos;
    Arrival arrival = isMeasured ? nextMeasured(now) : warmup.take();
    if (arrival != null) {
      launcher.launch(new PlannedRequest(arrival, now, isMeasured, false));
    } else if (--users == 0) {
      launcher.exhausted();
    }
  }

  private @Nullable Arrival nextMeasured(long now) {
    return now - startNanos - warmupNanos < measuredNanos ? measured.take() : null;
  }
}

package dev.headrace.loadtest.run;

import dev.headrace.loadtest.plan.Arrival;
import dev.headrace.loadtest.plan.PlanShare;

/**
 * Open loop: sends each arrival at its planned time, which is absolute, so that lateness never adds
 * up. While all places are taken, due arrivals wait in the plan itself, which needs no memory, and
 * keep their intended start. One that waited longer than {@code maxWaitNanos} is dropped.
 */
final class OpenPacer implements Pacer {
  /** Requests started in one turn of the loop at most, so that answers are read in between. */
  private static final int BURST = 32;

  private final Launcher launcher;
  private final PlanShare warmup;
  private final PlanShare measured;
  private final long warmupNanos;
  private final int maxInFlight;
  private final long maxWaitNanos;
  private long startNanos;
  private boolean timerSet;
  private boolean blocked;
  private long unblockedAt = Long.MIN_VALUE;
  private boolean exhausted;

  OpenPacer(
      Launcher launcher,
      PlanShare warmup,
      PlanShare measured,
      long warmupNanos,
      int maxInFlight,
      long maxWaitNanos) {
    this.launcher = launcher;
    this.warmup = warmup;
    this.measured = measured;
    this.warmupNanos = warmupNanos;
    this.maxInFlight = maxInFlight;
    this.maxWaitNanos = maxWaitNanos;
  }

  @Override
  public void begin(long start) {
    startNanos = start;
    pump();
  }

  @Override
  public void ended(boolean failed) {
    if (blocked) {
      blocked = false;
      unblockedAt = System.nanoTime() - startNanos;
      pump();
    }
  }

  private void pump() {
    for (int sent = 0; sent < BURST; ) {
      boolean isMeasured = warmup.peek() == null;
      PlanShare share = isMeasured ? measured : warmup;
      Arrival arrival = share.peek();
      if (arrival == null) {
        finish();
        return;
      }
      long due = startNanos + (isMeasured ? warmupNanos : 0) + arrival.atNanos();
      long early = due - System.nanoTime();
      if (early > 0) {
        wake(early);
        return;
      }
      if (-early > maxWaitNanos) {
        share.take();
        if (isMeasured) {
          launcher.dropped();
        }
        continue;
      }
      if (launcher.inFlight() >= maxInFlight) {
        blocked = true;
        return;
      }
      share.take();
      boolean waited = due - startNanos <= unblockedAt;
      launcher.launch(new PlannedRequest(arrival, due, isMeasured, waited));
      sent++;
    }
    wake(0);
  }

  private void wake(long nanos) {
    if (!timerSet) {
      timerSet = true;
      launcher.after(
          nanos,
          () -> {
            timerSet = false;
            pump();
          });
    }
  }

  private void finish() {
    if (!exhausted) {
      exhausted = true;
      launcher.exhausted();
    }
  }
}

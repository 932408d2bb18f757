package dev.headrace.loadtest.plan;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The part of a plan that one of several event loops sends: every arrival whose index is its own
 * modulo their number. Together the shares are the plan, each arrival once. One thread.
 */
public final class PlanShare {
  private final Iterator<Arrival> arrivals;
  private final int loop;
  private final int loops;
  private final long untilNanos;
  private final long untilIndex;
  private @Nullable Arrival next;

  /**
   * @param untilNanos arrivals from this time on are left out
   * @param untilIndex arrivals from this index on are left out
   */
  public PlanShare(ArrivalPlan plan, int loop, int loops, long untilNanos, long untilIndex) {
    this.arrivals = plan.arrivals();
    this.loop = loop;
    this.loops = loops;
    this.untilNanos = untilNanos;
    this.untilIndex = untilIndex;
    advance();
  }

  /** The next arrival, without taking it; null when all are taken. */
  public @Nullable Arrival peek() {
    return next;
  }

  /** Takes the next arrival; null when all are taken. */
  public @Nullable Arrival take() {
    Arrival taken = next;
    if (taken != null) {
      advance();
    }
    return taken;
  }

  private void advance() {
    Arrival candidate = arrivals.next();
    while (candidate.index() % loops != loop && within(candidate)) {
      candidate = arrivals.next();
    }
    next = within(candidate) ? candidate : null;
  }

  private boolean within(Arrival arrival) {
    return arrival.index() < untilIndex && arrival.atNanos() < untilNanos;
  }
}

package dev.headrace.router.admission;

/**
 * How many places per second a line hands out, measured only while somebody waits: what a pool does
 * with too little work says nothing of what it can do.
 *
 * <pre>
 * e ← e · exp(−Δt/τ) + 1                    with each place
 * x ← x · exp(−Δt/τ) + τ · (1 − exp(−Δt/τ)) exposure [s]
 * μ = e / x                                 τ = 10 s
 * </pre>
 *
 * <p>Dividing by the exposure and not by τ makes it unbiased from the first seconds on.
 */
final class DrainRate {
  private static final double TAU = 10;
  private static final long ENOUGH = 3;

  private double events;
  private double exposure;
  private long seen;
  private long sinceNanos;
  private boolean running;

  /** Somebody waits from now on. */
  void start(long nowNanos) {
    running = true;
    sinceNanos = nowNanos;
  }

  /** Nobody waits any more. */
  void stop(long nowNanos) {
    advance(nowNanos);
    running = false;
  }

  /** A place was handed out. */
  void handedOut(long nowNanos) {
    advance(nowNanos);
    events++;
    seen++;
  }

  /** Places per second, or NaN while too few were seen. */
  double perSecond(long nowNanos) {
    advance(nowNanos);
    return seen < ENOUGH || exposure < 1e-6 ? Double.NaN : events / exposure;
  }

  private void advance(long nowNanos) {
    if (running && nowNanos > sinceNanos) {
      double keep = Math.exp((sinceNanos - nowNanos) * 1e-9 / TAU);
      events *= keep;
      exposure = exposure * keep + TAU * (1 - keep);
      sinceNanos = nowNanos;
    }
  }
}

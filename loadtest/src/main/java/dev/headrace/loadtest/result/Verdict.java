package dev.headrace.loadtest.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether a run measured the target or its own generator. Pure.
 *
 * @param reasons one sentence each; empty when valid
 */
public record Verdict(Kind kind, List<String> reasons) {
  /** A lateness below this does not matter, in milliseconds. */
  private static final double LATE_MILLIS = 1;

  /** Lateness may be this part of what is measured. */
  private static final double LATE_PART = 0.01;

  private static final double LAG_MILLIS = 5;
  private static final double BUSY = 0.8;
  private static final double SATURATED_PART = 0.01;

  /** What may be done with the figures. */
  public enum Kind {
    /** They are the target's. */
    VALID,
    /**
     * They are the target's, but it could not keep up with the plan: latencies grow with the length
     * of the run.
     */
    SATURATED,
    /** The generator was part of the limit: do not quote them. */
    DEGRADED
  }

  public Verdict {
    reasons = List.copyOf(reasons);
  }

  /**
   * @param typicalMillis median of what the user waits for (TTFT, or E2E without streams); NaN when
   *     nothing completed
   * @param started measured requests that were sent
   * @param waited those of them that found no free place when due
   * @param dropped planned ones that were never sent
   */
  public static Verdict of(
      GeneratorHealth health, double typicalMillis, long started, long waited, long dropped) {
    List<String> limits = new ArrayList<>();
    double lateLimit =
        Math.max(LATE_MILLIS, Double.isNaN(typicalMillis) ? 0 : typicalMillis * LATE_PART);
    if (health.pacingP99Millis() > lateLimit) {
      limits.add(
          text(
              "requests started up to %.1f ms late (p99; at most %.1f ms would do)",
              health.pacingP99Millis(), lateLimit));
    }
    if (health.loopLagP99Millis() > LAG_MILLIS) {
      limits.add(
          text(
              "the generator's event loops lagged by %.1f ms (p99; at most %.0f ms would do)",
              health.loopLagP99Millis(), LAG_MILLIS));
    }
    if (health.busiestLoop() > BUSY) {
      limits.add(
          text(
              "a generator thread was busy for %.0f %% of the time (at most %.0f %% would do):"
                  + " give it more cores or --loops",
              health.busiestLoop() * 100, BUSY * 100));
    }
    if (!limits.isEmpty()) {
      return new Verdict(Kind.DEGRADED, limits);
    }
    List<String> behind = new ArrayList<>();
    if (waited > started * SATURATED_PART) {
      behind.add(
          text(
              "%d of %d requests waited for a free place (--max-in-flight): the target is slower"
                  + " than the plan",
              waited, started));
    }
    if (dropped > 0) {
      behind.add(text("%d planned requests were never sent (--max-wait)", dropped));
    }
    return new Verdict(behind.isEmpty() ? Kind.VALID : Kind.SATURATED, behind);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

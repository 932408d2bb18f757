package dev.headrace.router.balance;

/**
 * Whether one worker's learned prefill speed differs from the mean of its peers by more than noise.
 * Until it does, its peers' mean is the better estimate, and equal workers have equal scores and
 * not scores that differ by chance.
 *
 * <p>With x̄ the worker's mean prompt, f its own fit and m the mean of all, it differs when
 *
 * <pre>
 * |f(x̄) − m(x̄)| &gt; m(x̄) · max(δ, z · σ / √(n / c))
 * </pre>
 *
 * <p>σ: standard deviation of the observations from the worker's own fit, relative to it; n:
 * observations, at most {@value #MEMORY}, which is also how far σ and x̄ remember; c = {@value
 * #CORRELATION}: observations that stand close to each other in time are alike and count as one; z
 * = {@value #Z}; δ = {@value #DEAD_BAND}.
 *
 * <p>Guarded, like the fit, by the stamp of the worker's {@link WorkerLedger}; readers may see a
 * moment in between.
 */
final class SpeedCheck {
  static final double MEMORY = 100;
  static final double CORRELATION = 4;
  static final double Z = 4;
  static final double DEAD_BAND = 0.2;

  /** So that one outlier without measure cannot blind the check for ever. */
  private static final double MOST_VARIANCE = 1e6;

  private double count;

  /** A first observation may be anything: the variance begins at 1, which counts as one. */
  private double variance = 1;

  private double meanTokens;
  private double level;
  private double band = Double.POSITIVE_INFINITY;

  /** The fit has just learned from this. */
  void observed(LinearFit fit, double tokens, double seconds) {
    count = Math.min(MEMORY, count + 1);
    meanTokens += (tokens - meanTokens) / count;
    double expected = fit.at(tokens);
    if (expected > 0) {
      double error = (seconds - expected) / expected;
      variance += (Math.min(MOST_VARIANCE, error * error) - variance) / (count + 1);
    }
    look(fit);
    band = Math.max(DEAD_BAND, Z * Math.sqrt(variance * CORRELATION / count));
  }

  /** The fit has changed. */
  void look(LinearFit fit) {
    level = fit.at(meanTokens);
  }

  /** True when this worker is faster or slower than its peers, as far as can be told. */
  boolean differs(ModelMean mean) {
    double peers = mean.prefillIntercept() + mean.prefillSlope() * meanTokens;
    return Math.abs(level - peers) > band * peers;
  }
}

package dev.headrace.router.balance;

/**
 * Learns {@code y = intercept + slope * x} online, by recursive least squares with exponential
 * forgetting, starting from a prior that a few observations outweigh. Both coefficients are kept at
 * or above zero. Guarded by its owner.
 *
 * <p>With forgetting factor λ, gain {@code k = P x / (λ + x'P x)}, then {@code θ += k (y - x'θ)}
 * and {@code P = (P - k x'P) / λ} (Haykin, Adaptive Filter Theory, chapter on the RLS algorithm).
 * The trace of P is bounded, so that a long run of equal x cannot make it forget the other
 * direction without limit.
 */
final class LinearFit {
  private static final double FORGET = 0.99;

  private final double priorIntercept;
  private final double priorSlope;
  private final double interceptVariance;
  private final double slopeVariance;
  private double intercept;
  private double slope;
  private double p00;
  private double p01;
  private double p11;
  private long observations;

  /** The variances say how far the prior may be off, relative to the noise of one observation. */
  LinearFit(
      double priorIntercept, double priorSlope, double interceptVariance, double slopeVariance) {
    this.priorIntercept = priorIntercept;
    this.priorSlope = priorSlope;
    this.interceptVariance = interceptVariance;
    this.slopeVariance = slopeVariance;
    this.intercept = priorIntercept;
    this.slope = priorSlope;
    this.p00 = interceptVariance;
    this.p11 = slopeVariance;
  }

  void observe(double x, double y) {
    double px0 = p00 + p01 * x;
    double px1 = p01 + p11 * x;
    double gain = FORGET + px0 + x * px1;
    double k0 = px0 / gain;
    double k1 = px1 / gain;
    double error = y - (intercept + slope * x);
    intercept += k0 * error;
    slope += k1 * error;
    p00 = Math.min((p00 - k0 * px0) / FORGET, interceptVariance);
    p01 = (p01 - k0 * px1) / FORGET;
    p11 = Math.min((p11 - k1 * px1) / FORGET, slopeVariance);
    double bound = 0.999 * Math.sqrt(p00 * p11);
    p01 = Math.max(-bound, Math.min(bound, p01));
    if (intercept < 0) {
      intercept = 0;
    }
    if (slope < 0) {
      slope = priorSlope * 0.01;
    }
    if (!Double.isFinite(intercept) || !Double.isFinite(slope)) {
      reset();
    }
    observations++;
  }

  /**
   * Grows old: what was learned moves towards another line, and becomes less certain.
   *
   * @param keep share of it that stays, 0 to 1; at 0 only the other line is left
   */
  void fade(double keep, double towardsIntercept, double towardsSlope) {
    intercept = towardsIntercept + keep * (intercept - towardsIntercept);
    slope = towardsSlope + keep * (slope - towardsSlope);
    p00 = interceptVariance + keep * (p00 - interceptVariance);
    p01 = keep * p01;
    p11 = slopeVariance + keep * (p11 - slopeVariance);
  }

  double at(double x) {
    return intercept + slope * x;
  }

  double intercept() {
    return intercept;
  }

  double slope() {
    return slope;
  }

  long observations() {
    return observations;
  }

  private void reset() {
    intercept = priorIntercept;
    slope = priorSlope;
    p00 = interceptVariance;
    p01 = 0;
    p11 = slopeVariance;
  }
}

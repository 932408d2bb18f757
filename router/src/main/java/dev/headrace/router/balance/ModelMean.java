package dev.headrace.router.balance;

/**
 * The mean speed of all workers at one model, so that a new worker begins as an average one and not
 * as an infinitely fast one. Any thread: writers may lose an update to each other, which an average
 * does not mind.
 */
public final class ModelMean {
  private static final double KEEP = 0.98;

  private volatile double prefillIntercept = 0.02;
  private volatile double prefillSlope = 0.000_1;
  private volatile double gapIntercept = 0.02;
  private volatile double gapSlope = 0.000_2;

  void prefill(LinearFit fit) {
    prefillIntercept = KEEP * prefillIntercept + (1 - KEEP) * fit.intercept();
    prefillSlope = KEEP * prefillSlope + (1 - KEEP) * fit.slope();
  }

  void gap(LinearFit fit) {
    gapIntercept = KEEP * gapIntercept + (1 - KEEP) * fit.intercept();
    gapSlope = KEEP * gapSlope + (1 - KEEP) * fit.slope();
  }

  double prefillIntercept() {
    return prefillIntercept;
  }

  double prefillSlope() {
    return prefillSlope;
  }

  double gapIntercept() {
    return gapIntercept;
  }

  double gapSlope() {
    return gapSlope;
  }
}

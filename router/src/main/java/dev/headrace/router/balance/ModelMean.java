package dev.headrace.router.balance;

/**
 * The mean speed of all workers at one model, so that a new worker begins as an average one and not
 * as an infinitely fast one. Any thread: writers may lose an update to each other, which an average
 * does not mind.
 */
public final class ModelMean {
  private static final double LEARN = 0.02;

  private volatile double prefillIntercept = 0.02;
  private volatile double prefillSlope = 0.000_1;
  private volatile double gapIntercept = 0.02;
  private volatile double gapSlope = 0.000_2;

  // Lost counts do no harm either.
  private int prefills;
  private int gaps;

  void prefill(LinearFit fit) {
    double learn = Math.max(LEARN, 1.0 / ++prefills);
    prefillIntercept = (1 - learn) * prefillIntercept + learn * fit.intercept();
    prefillSlope = (1 - learn) * prefillSlope + learn * fit.slope();
  }

  void gap(LinearFit fit) {
    double learn = Math.max(LEARN, 1.0 / ++gaps);
    gapIntercept = (1 - learn) * gapIntercept + learn * fit.intercept();
    gapSlope = (1 - learn) * gapSlope + learn * fit.slope();
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

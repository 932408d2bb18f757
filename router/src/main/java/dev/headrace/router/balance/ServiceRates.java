package dev.headrace.router.balance;

/**
 * What the router learned of one worker's speed at one model, from nothing but its own requests.
 * Guarded by the stamp of the worker's {@link WorkerLedger}.
 *
 * <ul>
 *   <li>Prefill: a worker prefills first come first served, so the service of a request begins when
 *       it was sent or when the request before it got its first token, whichever is later, and ends
 *       with its own first token. Service time [s] = {@code a + b * prompt tokens}; both are
 *       learned, a holds the step in progress and the network.
 *   <li>Decode: mean gap between tokens [s] = {@code c + d * requests in flight}, one observation
 *       for each request.
 * </ul>
 *
 * <p>Unequal hardware needs no weights: a slow worker's b and d grow. Before its first observations
 * a worker has the mean of its peers at the model ({@link ModelMean}), and of what it shows later
 * it differs from them only by as much as is more than chance: equal workers look equal, even where
 * other programs disturb them.
 */
public final class ServiceRates {
  private final ModelMean mean;
  private final LinearFit prefill;

  // What a choice reads: of the fit, as much as is more than chance.
  private double prefillIntercept;
  private double prefillSlope;

  private final LinearFit gap;

  ServiceRates(ModelMean mean) {
    this.mean = mean;
    this.prefill = new LinearFit(mean.prefillIntercept(), mean.prefillSlope(), 1, 4e-6);
    this.prefillIntercept = prefill.intercept();
    this.prefillSlope = prefill.slope();
    this.gap = new LinearFit(mean.gapIntercept(), mean.gapSlope(), 1, 1e-4);
  }

  /** One prefill: {@code tokens} uncached prompt tokens took {@code seconds} of service. */
  void prefilled(double tokens, double seconds) {
    prefill.observe(tokens, seconds);
    publishPrefill();
    mean.prefill(prefill);
  }

  private void publishPrefill() {
    double intercept = mean.prefillIntercept();
    double slope = mean.prefillSlope();
    double trust = prefill.trust(intercept, slope);
    prefillIntercept = intercept + trust * (prefill.intercept() - intercept);
    prefillSlope = slope + trust * (prefill.slope() - slope);
  }

  /**
   * One decode: {@code seconds} mean time between tokens while {@code batch} requests were in
   * flight.
   */
  void decoded(double batch, double seconds) {
    gap.observe(batch, seconds);
    mean.gap(gap);
  }

  /**
   * Moves what was learned towards the mean of the peers: nothing was observed for a while, or the
   * worker was started anew. A worker that once looked slow is tried again in the end.
   *
   * @param keep share of it that stays, 0 to 1
   */
  void fade(double keep) {
    prefill.fade(keep, mean.prefillIntercept(), mean.prefillSlope());
    publishPrefill();
    gap.fade(keep, mean.gapIntercept(), mean.gapSlope());
  }

  /** Fixed part of a prefill's service time [s]. */
  public double prefillIntercept() {
    return prefillIntercept;
  }

  /** Seconds per prompt token. */
  public double prefillSlope() {
    return prefillSlope;
  }

  /** Seconds that one more request in flight adds to the gap between tokens of all. */
  public double gapSlope() {
    return gap.slope();
  }

  /** Expected gap between tokens [s] with so many requests in flight. */
  public double gapAt(double batch) {
    return gap.at(batch);
  }

  /** Prefills that were learned from. */
  public long observations() {
    return prefill.observations();
  }
}

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
 * <p>Unequal hardware needs no weights: a slow worker's b and d grow. A worker has the mean prefill
 * speed of its peers at the model ({@link ModelMean}), unless its own differs from that by more
 * than noise ({@link SpeedCheck}) or others use it too.
 */
public final class ServiceRates {
  private final ModelMean mean;
  private final LinearFit prefill;
  private final LinearFit gap;
  private final SpeedCheck check = new SpeedCheck();
  private volatile boolean shared;

  ServiceRates(ModelMean mean) {
    this.mean = mean;
    this.prefill = new LinearFit(mean.prefillIntercept(), mean.prefillSlope(), 1, 4e-6);
    this.gap = new LinearFit(mean.gapIntercept(), mean.gapSlope(), 1, 1e-4);
  }

  /**
   * @param now the worker serves others too: then its own speed counts, since it tells of the work
   *     that they have queued there
   */
  void shared(boolean now) {
    shared = now;
  }

  /** One prefill: {@code tokens} uncached prompt tokens took {@code seconds} of service. */
  void prefilled(double tokens, double seconds) {
    prefill.observe(tokens, seconds);
    mean.prefill(prefill);
    check.observed(prefill, tokens, seconds);
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
    check.look(prefill);
    gap.fade(keep, mean.gapIntercept(), mean.gapSlope());
  }

  /** Fixed part of a prefill's service time [s]. */
  public double prefillIntercept() {
    return own() ? prefill.intercept() : mean.prefillIntercept();
  }

  /** Seconds per prompt token. */
  public double prefillSlope() {
    return own() ? prefill.slope() : mean.prefillSlope();
  }

  /** Seconds that one more request in flight adds to the gap between tokens of all. */
  public double gapSlope() {
    return gap.slope();
  }

  /** True when its own prefill speed counts, and not the mean of its peers. */
  boolean own() {
    return shared || check.differs(mean);
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

package dev.headrace.router.balance;

/**
 * Least load: the worker that will be done with the request first, at the least cost for those that
 * it already has. All in seconds.
 *
 * <pre>
 * score = (ttft + β · pressure + failures) / weight
 * ttft     = (m + 1) · a + b · (Q + p) − min(t, γ · (a + b · Q / m))
 * pressure = o · κ · b · (n + f + 1)
 * </pre>
 *
 * <p>m: requests of ours on the worker that have no token yet; Q: their prompt tokens; p: the new
 * one's; a, b: the worker's learned prefill time, fixed and per token; t: how long the head of its
 * prefill queue has been in service, credited up to γ = {@value #HEAD_CREDIT} of a mean request; o:
 * expected output tokens; n: requests in flight; f: requests of other clients, from the engine's
 * own report; κ = {@value #DECODE_COST}: what one more sequence adds to a decode step, in prompt
 * tokens; failures: see {@link WorkerLedger#charge}; β = {@value #DECODE_WEIGHT}: what a second of
 * slower decoding counts against a second of waiting for the first token.
 *
 * <p>An idle worker is taken before a busy one, unless its score is above {@value #IDLE_FACTOR}
 * times the lowest plus {@value #IDLE_SECONDS} s. Of several such ones chance decides: differences
 * as small as that are noise, and whoever is not tried is not known.
 *
 * <p>Inputs are the router's own: they are exact at once, whatever the age of the engine's gauges.
 */
public final class LeastLoadPolicy extends ScoredPolicy {
  /** Its name in configuration. */
  public static final String NAME = "least-load";

  static final double DECODE_WEIGHT = 0.1;
  static final double HEAD_CREDIT = 0.9;
  static final double IDLE_FACTOR = 1.25;
  static final double IDLE_SECONDS = 0.02;
  static final double DECODE_COST = 1.5;

  @Override
  public String name() {
    return NAME;
  }

  /**
   * An idle worker goes before a busy one, unless the busy one would be clearly faster. Differences
   * between learned speeds that are no more than noise must not leave a worker idle.
   */
  @Override
  boolean preferred(Candidate candidate) {
    return idle(candidate);
  }

  @Override
  double preferredBelow(double lowest) {
    return idleBound(lowest);
  }

  /** An idle worker whose score is below this goes before the busy one of the lowest score. */
  public static double idleBound(double lowest) {
    return IDLE_FACTOR * lowest + IDLE_SECONDS;
  }

  /** True for a worker that holds nothing. */
  public static boolean idle(Candidate candidate) {
    WorkerLedger ledger = candidate.ledger();
    // A report is a little older than the ledger: one or two requests that have just ended may be
    // in it.
    return ledger.inFlight() == 0 && ledger.foreign() < 2;
  }

  @Override
  double score(Candidate candidate, Demand demand, long nowNanos) {
    WorkerLedger ledger = candidate.ledger();
    ServiceRates rates = candidate.rates();
    return sum(
        ttft(ledger, rates, demand, nowNanos),
        pressure(ledger, rates, demand),
        ledger.charge(nowNanos),
        candidate.weight());
  }

  /** The score of a candidate now, taken apart: the very terms that the choice compares. */
  public static ScoreParts parts(Candidate candidate, Demand demand, long nowNanos) {
    WorkerLedger ledger = candidate.ledger();
    ServiceRates rates = candidate.rates();
    return new ScoreParts(
        ttft(ledger, rates, demand, nowNanos),
        pressure(ledger, rates, demand),
        ledger.charge(nowNanos),
        candidate.weight());
  }

  static double sum(double ttft, double pressure, double charge, double weight) {
    double seconds = ttft + DECODE_WEIGHT * pressure + charge;
    return weight == 1 ? seconds : seconds / weight; // the usual weight spares a division
  }

  private static double pressure(WorkerLedger ledger, ServiceRates rates, Demand demand) {
    return demand.outputTokens()
        * DECODE_COST
        * rates.prefillSlope()
        * (ledger.inFlight() + ledger.foreign() + 1);
  }

  /** Predicted time to the first token of a new request [s]. */
  static double ttft(WorkerLedger ledger, ServiceRates rates, Demand demand, long nowNanos) {
    double fixed = rates.prefillIntercept();
    double perToken = rates.prefillSlope();
    int awaiting = ledger.awaiting();
    double queued = ledger.promptTokens();
    double done = 0;
    if (awaiting > 0) {
      done =
          Math.min(
              ledger.headSeconds(nowNanos), HEAD_CREDIT * (fixed + perToken * queued / awaiting));
    }
    return (awaiting + 1) * fixed + perToken * (queued + demand.promptTokens()) - done;
  }
}

package dev.headrace.router.balance;

/**
 * Peak EWMA in the spirit of Finagle, on times to the first token that are normalised by prompt
 * size: expected service time of one request of this size, times the requests in flight. Finds slow
 * hardware; counts decoding streams as if they still prefilled.
 */
public final class PeakEwmaPolicy extends ScoredPolicy {
  @Override
  public String name() {
    return "peak-ewma";
  }

  @Override
  double score(Candidate candidate, Demand demand, long nowNanos) {
    ServiceRates rates = candidate.rates();
    double service = rates.prefillIntercept() + rates.prefillSlope() * demand.promptTokens();
    return (service * (candidate.ledger().inFlight() + 1) + candidate.ledger().charge(nowNanos))
        / candidate.weight();
  }
}

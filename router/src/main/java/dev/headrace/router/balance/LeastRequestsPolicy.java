package dev.headrace.router.balance;

/**
 * Least requests: {@code (inFlight + 1) / weight}. Simple and robust; blind to how long prompts are
 * and how fast the hardware is.
 */
public final class LeastRequestsPolicy extends ScoredPolicy {
  @Override
  public String name() {
    return "least-requests";
  }

  @Override
  double score(Candidate candidate, Demand demand, long nowNanos) {
    WorkerLedger ledger = candidate.ledger();
    return (ledger.inFlight() + 1) / candidate.weight();
  }
}

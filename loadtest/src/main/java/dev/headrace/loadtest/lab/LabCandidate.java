package dev.headrace.loadtest.lab;

import dev.headrace.router.balance.Candidate;
import dev.headrace.router.balance.ServiceRates;
import dev.headrace.router.balance.WorkerLedger;

/** A simulated engine as one router sees it; {@code truth} is for the oracle's eyes only. */
record LabCandidate(WorkerLedger ledger, ServiceRates rates, LabWorker truth) implements Candidate {
  @Override
  public double weight() {
    return 1;
  }
}

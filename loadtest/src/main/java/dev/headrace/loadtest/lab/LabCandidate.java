package dev.headrace.loadtest.lab;

import dev.headrace.router.balance.Candidate;
import dev.headrace.router.balance.Outlier;
import dev.headrace.router.balance.ServiceRates;
import dev.headrace.router.balance.WorkerLedger;

/** A simulated engine as one router sees it; {@code truth} is for the oracle's eyes only. */
record LabCandidate(
    WorkerLedger ledger, ServiceRates rates, LabWorker truth, Outlier outlier, Presence presence)
    implements Candidate {

  /** Whether the fleet has it already. */
  interface Presence {
    boolean of(LabWorker worker);
  }

  /** A worker that is always there and is never ejected. */
  LabCandidate(WorkerLedger ledger, ServiceRates rates, LabWorker truth) {
    this(ledger, rates, truth, Outlier.OFF, worker -> true);
  }

  @Override
  public double weight() {
    return outlier.share();
  }

  @Override
  public boolean routable() {
    return presence.of(truth);
  }

  /** As the router's own dispatch asks. */
  boolean canBeChosen() {
    return routable() && outlier.admits();
  }
}

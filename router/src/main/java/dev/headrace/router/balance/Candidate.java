package dev.headrace.router.balance;

/** Something that the balance can choose: a worker with its ledger. */
public interface Candidate {
  WorkerLedger ledger();

  /** Relative capacity where it is chosen from; above 0, 1 is usual. */
  default double weight() {
    return ledger().weight();
  }
}

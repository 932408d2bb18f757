package dev.headrace.router.balance;

/** Something that the balance can choose: a worker with its ledger. */
public interface Candidate {
  WorkerLedger ledger();
}

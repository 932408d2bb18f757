package dev.headrace.router.balance;

/** Something that the balance can choose: a worker in the pool of one model. */
public interface Candidate {
  WorkerLedger ledger();

  /** What was learned of this worker at the pool's model. */
  ServiceRates rates();

  /** Relative capacity where it is chosen from, as an operator set it; above 0, 1 is usual. */
  double weight();

  /** Whether it is an outlier where it is chosen from. */
  default Outlier outlier() {
    return Outlier.OFF;
  }

  /** False while something other than {@link #outlier} keeps it from being chosen. */
  default boolean routable() {
    return true;
  }
}

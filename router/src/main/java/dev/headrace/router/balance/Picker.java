package dev.headrace.router.balance;

import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a worker and reserves a place on it in one atomic step. One picker for each event loop,
 * since it reuses its scan; any number of pickers over the same ledgers.
 *
 * <p>Why one step: the place is taken only if the chosen worker's ledger has not changed since the
 * scan noted its stamp. Other workers can meanwhile only have become fuller, or emptier by a
 * release. So a burst of arrivals on equal workers leaves counts that differ by at most one. A lost
 * race scans again.
 */
public final class Picker {
  private final RandomGenerator random;
  private final LongSupplier nanoClock;
  private final Scan scan = new Scan();

  /** Ties are broken by {@code random}; {@code nanoClock} gives monotonic nanoseconds. */
  public Picker(RandomGenerator random, LongSupplier nanoClock) {
    this.random = random;
    this.nanoClock = nanoClock;
  }

  /**
   * Picks and reserves.
   *
   * @param eligible false for candidates that must not be chosen now (tried before, unhealthy,
   *     draining)
   * @return the lease, or null when no eligible candidate has room
   */
  public <C extends Candidate> @Nullable Lease<C> pick(
      List<C> candidates, Predicate<? super C> eligible, Policy policy, Demand demand) {
    while (true) {
      long now = nanoClock.getAsLong();
      int chosen;
      long stamp;
      double cached = 0;
      scan.begin(candidates);
      if (policy instanceof ScoredPolicy scored) {
        Lowest lowest = lowest(candidates, eligible, scored, demand, now);
        chosen = lowest.index();
        stamp = lowest.stamp();
      } else {
        gather(candidates, eligible);
        boolean obvious = scan.size() < (demand.prefix() == null ? 2 : 1);
        int of = obvious ? 0 : policy.choose(scan, demand, random, now);
        cached = Math.min(scan.cached(of), demand.promptTokens() - 1);
        chosen = scan.size() == 0 ? -1 : scan.index(of);
        stamp = scan.size() == 0 ? 0 : scan.stamp(of);
      }
      scan.end();
      if (chosen < 0) {
        return null;
      }
      C worker = candidates.get(chosen);
      double prompt = demand.promptTokens() - cached;
      double ttft =
          LeastLoadPolicy.ttft(worker, demand, now) - worker.rates().prefillSlope() * cached;
      if (worker.ledger().tryReserve(stamp, prompt, demand.outputTokens())) {
        int entered = worker.outlier().enter();
        if (entered == Outlier.REFUSED) {
          // Another loop has taken the trial of an ejected worker since the scan.
          new Lease<>(worker, demand, cached, now, ttft, Outlier.ORDINARY).close(Ending.IGNORED);
          return pick(candidates, c -> c != worker && eligible.test(c), policy, demand);
        }
        policy.chosen(worker, demand);
        return new Lease<>(worker, demand, cached, now, ttft, entered);
      }
    }
  }

  /**
   * Scores them while it goes through them: each ledger is read once. What is rare, a new lowest or
   * an idle worker, is out of line, so that the loop stays small enough to be compiled into one.
   */
  private <C extends Candidate> Lowest lowest(
      List<C> candidates,
      Predicate<? super C> eligible,
      ScoredPolicy policy,
      Demand demand,
      long now) {
    double within = Double.POSITIVE_INFINITY;
    for (int i = 0; i < candidates.size(); i++) {
      C candidate = candidates.get(i);
      WorkerLedger ledger = candidate.ledger();
      long stamp = ledger.stamp();
      if (ledger.inFlight() < ledger.capacity() && eligible.test(candidate)) {
        double score = policy.score(candidate, demand, now);
        if (score <= within) {
          within = scan.lowest().offer(i, stamp, score, random);
        }
        if (policy.preferred(candidate)) {
          policy.prefer(scan, i, stamp, score, random);
        }
      }
    }
    return policy.decide(scan);
  }

  private <C extends Candidate> void gather(List<C> candidates, Predicate<? super C> eligible) {
    for (int i = 0; i < candidates.size(); i++) {
      C candidate = candidates.get(i);
      WorkerLedger ledger = candidate.ledger();
      long stamp = ledger.stamp();
      if (ledger.inFlight() < ledger.capacity() && eligible.test(candidate)) {
        scan.add(i, stamp);
      }
    }
  }
}

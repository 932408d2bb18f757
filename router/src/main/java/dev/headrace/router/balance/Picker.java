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
      scan.clear();
      for (int i = 0; i < candidates.size(); i++) {
        C candidate = candidates.get(i);
        if (candidate.ledger().inFlight() < candidate.ledger().capacity()
            && eligible.test(candidate)) {
          scan.add(candidate);
        }
      }
      if (scan.size() == 0) {
        return null;
      }
      long now = nanoClock.getAsLong();
      int chosen =
          scan.size() == 1 && demand.prefix() == null
              ? 0
              : policy.choose(scan, demand, random, now);
      @SuppressWarnings("unchecked") // the scan holds what the list gave
      C worker = (C) scan.candidate(chosen);
      double ttft = LeastLoadPolicy.ttft(worker.ledger(), worker.rates(), demand, now);
      double cached = Math.min(scan.cached(chosen), demand.promptTokens() - 1);
      if (worker
          .ledger()
          .tryReserve(scan.stamp(chosen), demand.promptTokens() - cached, demand.outputTokens())) {
        scan.clear();
        policy.chosen(worker, demand);
        ttft -= worker.rates().prefillSlope() * cached;
        return new Lease<>(worker, demand, cached, now, ttft);
      }
    }
  }
}

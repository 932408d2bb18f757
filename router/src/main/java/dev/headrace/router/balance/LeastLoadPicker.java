package dev.headrace.router.balance;

import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the candidate with the least load and reserves a place on it in one atomic step. Any
 * thread, any number of event loops.
 *
 * <p>Score of candidate i: {@code (inFlight_i + 1) / weight_i}; the lowest wins, ties are broken at
 * random (reservoir sampling). A full candidate ({@code inFlight >= capacity}) is none.
 *
 * <p>Why one step: the place is taken by compare-and-set against the count that the scan saw.
 * Between scan and reservation other event loops can only have raised other counts, or lowered one
 * by a release; so at the moment of the reservation the winner was a minimum of the counts that
 * were read, and a burst of n arrivals on m equal workers leaves counts that differ by at most one.
 * A lost race scans again.
 */
public final class LeastLoadPicker {
  private final RandomGenerator random;

  /**
   * @param random must be safe for use by the calling threads
   */
  public LeastLoadPicker(RandomGenerator random) {
    this.random = random;
  }

  /**
   * Picks and reserves.
   *
   * @param eligible false for candidates that must not be chosen now (tried before, unhealthy,
   *     draining)
   * @return the lease, or null when no eligible candidate has room
   */
  public <C extends Candidate> @Nullable Lease<C> pick(
      List<C> candidates, Predicate<? super C> eligible) {
    while (true) {
      C best = null;
      int bestSeen = 0;
      double bestScore = Double.POSITIVE_INFINITY;
      int ties = 0;
      for (int i = 0; i < candidates.size(); i++) {
        C candidate = candidates.get(i);
        WorkerLedger ledger = candidate.ledger();
        int seen = ledger.inFlight();
        if (seen >= ledger.capacity() || !eligible.test(candidate)) {
          continue;
        }
        double score = (seen + 1) / candidate.weight();
        if (score < bestScore) {
          ties = 1;
        } else if (score > bestScore || random.nextInt(++ties) != 0) {
          continue;
        }
        best = candidate;
        bestSeen = seen;
        bestScore = score;
      }
      if (best == null) {
        return null;
      }
      if (best.ledger().tryReserve(bestSeen)) {
        return new Lease<>(best);
      }
    }
  }
}

package dev.headrace.router.relay;

import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.ScoreParts;
import dev.headrace.router.balance.WorkerLedger;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.worker.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All candidates of one choice: who can be chosen, at which score, and who cannot, and why. Read
 * without a reservation, so another event loop may change a worker between this and the choice.
 *
 * @param omitted workers of the pool that are not among these
 */
public record Explanation(String policy, Demand demand, List<Seen> workers, int omitted) {
  private static final double TIE = 1e-9;

  /** What a header shows and a log keeps: a pool may have a thousand workers. */
  static final int SHOWN = 16;

  public Explanation {
    workers = List.copyOf(workers);
  }

  /**
   * One worker at that moment.
   *
   * @param barrier why it cannot be chosen, or null when it can
   */
  public record Seen(
      Worker worker,
      @Nullable String barrier,
      ScoreParts parts,
      int inFlight,
      int awaiting,
      double promptTokensQueued) {}

  static Explanation of(
      String policy, Pool pool, Endpoint endpoint, Set<String> tried, Demand demand, long now) {
    List<Seen> seen = new ArrayList<>(pool.workers().size());
    for (Worker worker : pool.workers()) {
      WorkerLedger ledger = worker.ledger();
      int inFlight = ledger.inFlight();
      String barrier = Barrier.of(worker, endpoint, tried);
      if (barrier == null && inFlight >= ledger.capacity()) {
        barrier = "full";
      }
      seen.add(
          new Seen(
              worker,
              barrier,
              LeastLoadPolicy.parts(worker, demand, now),
              inFlight,
              ledger.awaiting(),
              ledger.promptTokens()));
    }
    return new Explanation(policy, demand, seen, 0);
  }

  /**
   * The workers that least load would take: one, several when chance would decide, or none. Empty,
   * too, when the model has another policy: the scores then say how loaded workers are, and not who
   * is next.
   */
  public List<Worker> best() {
    if (!policy.equals(LeastLoadPolicy.NAME)) {
      return List.of();
    }
    double lowest = Double.POSITIVE_INFINITY;
    for (Seen seen : workers) {
      if (seen.barrier() == null) {
        lowest = Math.min(lowest, seen.parts().score());
      }
    }
    double idleBelow = LeastLoadPolicy.idleBound(lowest);
    List<Worker> idle =
        which(seen -> LeastLoadPolicy.idle(seen.worker()) && seen.parts().score() < idleBelow);
    double tie = lowest + TIE;
    return idle.isEmpty() ? which(seen -> seen.parts().score() <= tie) : idle;
  }

  private List<Worker> which(Predicate<Seen> counts) {
    return workers.stream()
        .filter(seen -> seen.barrier() == null && counts.test(seen))
        .map(Seen::worker)
        .toList();
  }

  /** The chosen worker first, then those that came closest, those that could not be chosen last. */
  Explanation shortened(@Nullable Worker chosen) {
    List<Seen> closest = new ArrayList<>(workers);
    closest.sort(
        Comparator.comparing((Seen seen) -> !is(seen, chosen))
            .thenComparing(seen -> seen.barrier() != null)
            .thenComparingDouble(seen -> seen.parts().score()));
    int kept = Math.min(SHOWN, closest.size());
    return new Explanation(
        policy, demand, closest.subList(0, kept), omitted + closest.size() - kept);
  }

  private static boolean is(Seen seen, @Nullable Worker chosen) {
    return chosen != null && seen.worker().spec().key().equals(chosen.spec().key());
  }

  /**
   * In one line, for a client: opaque ids only, no address and no reason, since reasons may quote
   * what a worker said.
   */
  String line(Worker chosen) {
    Explanation shown = shortened(chosen);
    StringBuilder line = new StringBuilder(policy);
    line.append(
        String.format(
            Locale.ROOT, "; prompt=%.0f; out=%.0f", demand.promptTokens(), demand.outputTokens()));
    line.append("; chosen=").append(chosen.publicId()).append("; scores=");
    for (int i = 0; i < shown.workers().size(); i++) {
      append(i == 0 ? line : line.append(','), shown.workers().get(i));
    }
    if (shown.omitted() > 0) {
      line.append("; more=").append(shown.omitted());
    }
    return line.toString();
  }

  private static void append(StringBuilder line, Seen seen) {
    line.append(seen.worker().publicId()).append(':');
    if (seen.barrier() != null) {
      line.append("excluded");
    } else {
      line.append(String.format(Locale.ROOT, "%.4f", seen.parts().score()));
    }
  }
}

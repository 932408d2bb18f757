package dev.headrace.router.relay;

import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.ScoreParts;
import dev.headrace.router.balance.WorkerLedger;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.worker.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All candidates of one choice: who can be chosen, at which score, and who cannot, and why. Read
 * without a reservation, so another event loop may change a worker between this and the choice.
 */
public record Explanation(String policy, Demand demand, List<Seen> workers) {
  private static final double TIE = 1e-9;

  /** A header is for people: a pool may have a thousand workers. */
  private static final int SHOWN = 16;

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
    return new Explanation(policy, demand, seen);
  }

  /** The workers with the lowest score: one, several when chance would decide, or none. */
  public List<Worker> best() {
    double lowest = Double.POSITIVE_INFINITY;
    for (Seen seen : workers) {
      if (seen.barrier() == null) {
        lowest = Math.min(lowest, seen.parts().score());
      }
    }
    List<Worker> best = new ArrayList<>();
    for (Seen seen : workers) {
      if (seen.barrier() == null && seen.parts().score() <= lowest + TIE) {
        best.add(seen.worker());
      }
    }
    return best;
  }

  /**
   * In one line, for a client: opaque ids only, no address and no reason, since reasons may quote
   * what a worker said. The chosen one stands first, the others follow in the pool's order.
   */
  String line(Worker chosen) {
    StringBuilder line = new StringBuilder(policy);
    line.append(
        String.format(
            Locale.ROOT, "; prompt=%.0f; out=%.0f", demand.promptTokens(), demand.outputTokens()));
    line.append("; chosen=").append(chosen.publicId()).append("; scores=");
    int shown = 0;
    for (Seen seen : workers) {
      if (seen.worker().publicId().equals(chosen.publicId())) {
        append(line, seen);
        shown++;
      }
    }
    for (Seen seen : workers) {
      if (!seen.worker().publicId().equals(chosen.publicId()) && shown < SHOWN) {
        append(line.append(','), seen);
        shown++;
      }
    }
    if (workers.size() > shown) {
      line.append("; more=").append(workers.size() - shown);
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

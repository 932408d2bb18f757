package dev.headrace.router.dispatch;

import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.EngineGauges;
import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.Outlook;
import dev.headrace.router.balance.Policy;
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
import org.jspecify.annotations.Nullable;

/**
 * All candidates of one choice: who can be chosen, at which score, and who cannot, and why. Read
 * without a reservation, so another event loop may change a worker between this and the choice.
 *
 * @param best the workers that the policy would take: one, several when chance decides among them,
 *     or none
 * @param undecided why none is named although some can be chosen, or null
 * @param omitted workers of the pool that are not among these
 */
public record Explanation(
    String policy,
    Demand demand,
    List<Seen> workers,
    List<Worker> best,
    @Nullable String undecided,
    int omitted) {
  /** What a header shows and a log keeps: a pool may have a thousand workers. */
  static final int SHOWN = 16;

  public Explanation {
    workers = List.copyOf(workers);
    best = List.copyOf(best);
  }

  /**
   * One worker at that moment.
   *
   * @param barrier why it cannot be chosen, or null when it can
   * @param score the policy's own number, lower is better; NaN: it has none
   * @param note what the policy says of it in words, or null
   * @param parts the terms of least load, whatever the policy
   */
  public record Seen(
      Worker worker,
      @Nullable String barrier,
      double score,
      @Nullable String note,
      ScoreParts parts,
      int inFlight,
      int awaiting,
      double promptTokensQueued,
      EngineGauges.View gauges) {

    /** By the policy's own number, or else by least load's. */
    double rank() {
      return Double.isNaN(score) ? parts.score() : score;
    }
  }

  static Explanation of(
      Policy policy, Pool pool, Endpoint endpoint, Set<String> tried, Demand demand, long now) {
    List<Worker> all = pool.workers();
    List<@Nullable String> barriers = new ArrayList<>(all.size());
    List<Worker> eligible = new ArrayList<>(all.size());
    for (Worker worker : all) {
      String barrier = Barrier.of(worker, endpoint, tried);
      if (barrier == null && worker.ledger().inFlight() >= worker.ledger().capacity()) {
        barrier = "full";
      }
      barriers.add(barrier);
      if (barrier == null) {
        eligible.add(worker);
      }
    }
    Outlook outlook = outlook(policy, eligible, demand, now);
    List<Seen> seen = new ArrayList<>(all.size());
    int candidate = 0;
    for (int i = 0; i < all.size(); i++) {
      String barrier = barriers.get(i);
      String note = barrier == null ? outlook.note(candidate++) : null;
      seen.add(seen(policy, all.get(i), barrier, note, demand, now));
    }
    return new Explanation(
        policy.name(),
        demand,
        seen,
        outlook.best().stream().map(eligible::get).toList(),
        outlook.undecided(),
        0);
  }

  private static Outlook outlook(Policy policy, List<Worker> eligible, Demand demand, long now) {
    return switch (eligible.size()) {
      case 0 -> Outlook.of(List.of());
      case 1 -> Outlook.of(List.of(0)).noting(1, i -> "the only one that can be chosen");
      default -> policy.outlook(eligible, demand, now);
    };
  }

  private static Seen seen(
      Policy policy,
      Worker worker,
      @Nullable String barrier,
      @Nullable String note,
      Demand demand,
      long now) {
    WorkerLedger ledger = worker.ledger();
    return new Seen(
        worker,
        barrier,
        policy.scoreOf(worker, demand, now),
        note,
        LeastLoadPolicy.parts(worker, demand, now),
        ledger.inFlight(),
        ledger.awaiting(),
        ledger.promptTokens(),
        ledger.gauges(now));
  }

  /** The chosen worker first, then those that came closest, those that could not be chosen last. */
  Explanation shortened(@Nullable Worker chosen) {
    List<Seen> closest = new ArrayList<>(workers);
    closest.sort(
        Comparator.comparing((Seen seen) -> !is(seen, chosen))
            .thenComparing(seen -> seen.barrier() != null)
            .thenComparingDouble(Seen::rank));
    int kept = Math.min(SHOWN, closest.size());
    return new Explanation(
        policy, demand, closest.subList(0, kept), best, undecided, omitted + closest.size() - kept);
  }

  private static boolean is(Seen seen, @Nullable Worker chosen) {
    return chosen != null && seen.worker().spec().key().equals(chosen.spec().key());
  }

  /**
   * In one line, for a client: opaque ids only, no address and no reason, since reasons may quote
   * what a worker said.
   */
  public String line(Worker chosen) {
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
    } else if (Double.isNaN(seen.score())) {
      line.append('-');
    } else {
      line.append(String.format(Locale.ROOT, "%.4f", seen.score()));
    }
  }
}

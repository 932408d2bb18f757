package dev.headrace.router.balance;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Session affinity: requests of one session go to one worker, whose KV cache holds what was said
 * before, unless that worker has more than its share.
 *
 * <p>Each key ranks the workers by weighted rendezvous hashing: {@code -ln(u) / weight}, lowest
 * first, with u in (0, 1) drawn from a hash of key and worker. A worker that leaves moves its own
 * keys only, and no table has to be kept or shared: several routers rank alike. The first in the
 * ranking that is below its bound is taken:
 *
 * <pre>
 * bound = ceil((1 + ε) · (Q + 1) · weight / W)
 * </pre>
 *
 * <p>Q: requests in flight on all candidates; W: the sum of their weights; ε = {@value #SLACK}.
 * (Mirrokni, Thorup, Zadimoghaddam 2016.) The overflow of a worker always goes to the same second
 * one, which warms one more cache and not all. Requests without a key go by least load.
 */
public final class SessionPolicy implements Policy {
  static final double SLACK = 0.25;

  private final Policy withoutKey = new LeastLoadPolicy();

  @Override
  public String name() {
    return "session";
  }

  @Override
  public int choose(Scan scan, Demand demand, RandomGenerator random, long nowNanos) {
    long key = demand.affinity();
    if (key == Affinity.NONE) {
      return withoutKey.choose(scan, demand, random, nowNanos);
    }
    double requests = 1;
    double weights = 0;
    for (int i = 0; i < scan.size(); i++) {
      Candidate candidate = scan.candidate(i);
      requests += candidate.ledger().inFlight();
      weights += candidate.weight();
    }
    int within = first(scan, key, (1 + SLACK) * requests / weights);
    // None is below its bound only when another loop changed the counts since they were summed.
    return within >= 0 ? within : first(scan, key, Double.POSITIVE_INFINITY);
  }

  /**
   * The first in the key's ranking that is below its bound, or -1.
   *
   * @param perWeight bound of a worker of weight 1
   */
  private static int first(Scan scan, long key, double perWeight) {
    int best = -1;
    double bestDraw = 0;
    double bestWeight = 1;
    for (int i = 0; i < scan.size(); i++) {
      Candidate candidate = scan.candidate(i);
      WorkerLedger ledger = candidate.ledger();
      double weight = candidate.weight();
      if (ledger.inFlight() < Math.ceil(perWeight * weight)) {
        double draw = Affinity.draw(key, ledger.identity());
        if (best < 0 || before(draw, weight, bestDraw, bestWeight)) {
          best = i;
          bestDraw = draw;
          bestWeight = weight;
        }
      }
    }
    return best;
  }

  /** Without a key, the scores of least load; with one, the ranking is noted in words. */
  @Override
  public double scoreOf(Candidate candidate, Demand demand, long nowNanos) {
    return demand.affinity() == Affinity.NONE
        ? withoutKey.scoreOf(candidate, demand, nowNanos)
        : Double.NaN;
  }

  @Override
  public Outlook outlook(List<? extends Candidate> eligible, Demand demand, long nowNanos) {
    long key = demand.affinity();
    if (key == Affinity.NONE) {
      return withoutKey.outlook(eligible, demand, nowNanos);
    }
    double requests = 1;
    double weights = 0;
    for (Candidate candidate : eligible) {
      requests += candidate.ledger().inFlight();
      weights += candidate.weight();
    }
    double perWeight = (1 + SLACK) * requests / weights;
    List<Integer> ranking = ranking(eligible, key);
    int taken =
        ranking.stream()
            .filter(i -> within(eligible.get(i), perWeight))
            .findFirst()
            .orElse(ranking.get(0));
    return Outlook.of(List.of(taken))
        .noting(
            eligible.size(),
            i ->
                String.format(
                    Locale.ROOT,
                    "rank %d of %d, %s its bound of %.0f",
                    ranking.indexOf(i) + 1,
                    eligible.size(),
                    within(eligible.get(i), perWeight) ? "below" : "at",
                    Math.ceil(perWeight * eligible.get(i).weight())));
  }

  private static boolean within(Candidate candidate, double perWeight) {
    return candidate.ledger().inFlight() < Math.ceil(perWeight * candidate.weight());
  }

  /** All candidates, the key's first one first. */
  private static List<Integer> ranking(List<? extends Candidate> candidates, long key) {
    List<Integer> ranking = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      ranking.add(i);
    }
    ranking.sort(
        Comparator.comparingDouble(
            i -> {
              Candidate candidate = candidates.get(i);
              return -Math.log(Affinity.draw(key, candidate.ledger().identity()))
                  / candidate.weight();
            }));
    return ranking;
  }

  /** Among equal weights the ranking is that of the draws, which spares the logarithms. */
  static boolean before(double draw, double weight, double than, double thanWeight) {
    return weight == thanWeight
        ? draw > than
        : -Math.log(draw) * thanWeight < -Math.log(than) * weight;
  }
}

package dev.headrace.router.balance;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A policy that takes the lowest of all scores, ties broken at random. Each candidate is looked at
 * once, so that a choice among a thousand reads each ledger once.
 */
abstract class ScoredPolicy implements Policy {

  /** Lower is better. Finite. */
  abstract double score(Candidate candidate, Demand demand, long nowNanos);

  /**
   * True for a candidate that goes before the lowest as long as it is {@link #preferredBelow};
   * among several, chance decides.
   */
  boolean preferred(Candidate candidate) {
    return false;
  }

  /** The score below which a preferred candidate goes before the one with the lowest. */
  double preferredBelow(double lowest) {
    return Double.NEGATIVE_INFINITY;
  }

  /** Takes note of a preferred candidate, after its score was offered to the lowest. */
  final void prefer(Scan scan, int index, long stamp, double score, RandomGenerator random) {
    scan.preferred().offer(index, stamp, score, random);
    double bound = preferredBelow(scan.lowest().score());
    scan.drawn().offerBelow(bound, index, stamp, score, random);
  }

  /** Who it is, of all that were offered. */
  final Lowest decide(Scan scan) {
    if (scan.preferred().index() < 0) {
      return scan.lowest();
    }
    double bound = preferredBelow(scan.lowest().score());
    if (scan.drawn().score() < bound) {
      return scan.drawn();
    }
    return scan.preferred().score() < bound ? scan.preferred() : scan.lowest();
  }

  @Override
  public final int choose(Scan scan, Demand demand, RandomGenerator random, long nowNanos) {
    scan.forgetScores();
    for (int i = 0; i < scan.size(); i++) {
      Candidate candidate = scan.candidate(i);
      double score = score(candidate, demand, nowNanos);
      scan.lowest().offer(i, scan.stamp(i), score, random);
      if (preferred(candidate)) {
        prefer(scan, i, scan.stamp(i), score, random);
      }
    }
    return Math.max(0, decide(scan).index());
  }

  @Override
  public final double scoreOf(Candidate candidate, Demand demand, long nowNanos) {
    return score(candidate, demand, nowNanos);
  }

  /** The preferred ones, or else all that share the lowest score. */
  @Override
  public Outlook outlook(List<? extends Candidate> eligible, Demand demand, long nowNanos) {
    double lowest = Double.POSITIVE_INFINITY;
    for (Candidate candidate : eligible) {
      lowest = Math.min(lowest, score(candidate, demand, nowNanos));
    }
    List<Integer> best = new ArrayList<>();
    List<Integer> preferred = new ArrayList<>();
    for (int i = 0; i < eligible.size(); i++) {
      double score = score(eligible.get(i), demand, nowNanos);
      if (score <= lowest + Lowest.TIE) {
        best.add(i);
      }
      if (score < preferredBelow(lowest) && preferred(eligible.get(i))) {
        preferred.add(i);
      }
    }
    return Outlook.of(preferred.isEmpty() ? best : preferred);
  }
}

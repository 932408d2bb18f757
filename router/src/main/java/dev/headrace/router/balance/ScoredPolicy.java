package dev.headrace.router.balance;

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

  /** Scores one candidate; {@code stamp} was noted before. */
  final void weigh(
      Scan scan,
      int index,
      long stamp,
      Candidate candidate,
      Demand demand,
      RandomGenerator random,
      long nowNanos) {
    double score = score(candidate, demand, nowNanos);
    scan.lowest().offer(index, stamp, score, random);
    if (preferred(candidate)) {
      scan.preferred().offer(index, stamp, score, random);
      double bound = preferredBelow(scan.lowest().score());
      scan.drawn().offerBelow(bound, index, stamp, score, random);
    }
  }

  /** Who it is, of all that were weighed. */
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
      weigh(scan, i, scan.stamp(i), scan.candidate(i), demand, random, nowNanos);
    }
    return Math.max(0, decide(scan).index());
  }
}

package dev.headrace.router.balance;

import java.util.random.RandomGenerator;

/** A policy that takes the lowest of all scores, ties broken at random (reservoir sampling). */
abstract class ScoredPolicy implements Policy {
  private static final double TIE = 1e-9;

  /** Lower is better. Finite. */
  abstract double score(Candidate candidate, Demand demand, long nowNanos);

  @Override
  public int choose(Scan scan, Demand demand, RandomGenerator random, long nowNanos) {
    int best = 0;
    double bestScore = Double.POSITIVE_INFINITY;
    int ties = 0;
    for (int i = 0; i < scan.size(); i++) {
      double score = score(scan.candidate(i), demand, nowNanos);
      if (score < bestScore - TIE) {
        best = i;
        bestScore = score;
        ties = 1;
      } else if (score <= bestScore + TIE && random.nextInt(++ties) == 0) {
        best = i;
      }
    }
    return best;
  }
}

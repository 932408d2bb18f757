package dev.headrace.router.balance;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A policy that takes the lowest of all scores, ties broken at random (reservoir sampling). */
abstract class ScoredPolicy implements Policy {
  static final double TIE = 1e-9;

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

  @Override
  public final double scoreOf(Candidate candidate, Demand demand, long nowNanos) {
    return score(candidate, demand, nowNanos);
  }

  /** All that share the lowest score. */
  @Override
  public Outlook outlook(List<? extends Candidate> eligible, Demand demand, long nowNanos) {
    return Outlook.of(lowest(eligible, demand, nowNanos));
  }

  private List<Integer> lowest(List<? extends Candidate> eligible, Demand demand, long nowNanos) {
    double[] scores = new double[eligible.size()];
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < scores.length; i++) {
      scores[i] = score(eligible.get(i), demand, nowNanos);
      lowest = Math.min(lowest, scores[i]);
    }
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] <= lowest + TIE) {
        all.add(i);
      }
    }
    return all;
  }
}

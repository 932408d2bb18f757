package dev.headrace.router.balance;

import java.util.random.RandomGenerator;

/**
 * The lowest of the scores that were offered, ties broken at random (reservoir sampling: the k-th
 * of equals replaces the one that is held with probability 1/k). Reused from choice to choice;
 * confined to one thread.
 */
final class Lowest {
  static final double TIE = 1e-9;

  private int index;
  private long stamp;
  private double score;
  private int ties;

  Lowest() {
    clear();
  }

  void clear() {
    index = -1;
    score = Double.POSITIVE_INFINITY;
    ties = 0;
  }

  /**
   * Takes it if it is lower.
   *
   * @param at which candidate it belongs to
   * @param seen the stamp of its ledger, noted before the score was computed
   * @return what is above this need not be offered any more
   */
  double offer(int at, long seen, double offered, RandomGenerator random) {
    if (offered < score - TIE) {
      ties = 1;
    } else if (!(offered <= score + TIE) || random.nextInt(++ties) != 0) {
      return score + TIE;
    }
    index = at;
    stamp = seen;
    score = Math.min(score, offered);
    return score + TIE;
  }

  /** Takes it with equal chances for all that were offered since the held one was above a bound. */
  void offerBelow(double bound, int at, long seen, double offered, RandomGenerator random) {
    if (!(offered < bound)) {
      return;
    }
    if (!(score < bound)) {
      ties = 0;
    }
    if (random.nextInt(++ties) == 0) {
      index = at;
      stamp = seen;
      score = offered;
    }
  }

  /** Which candidate, or -1 when none was offered. */
  int index() {
    return index;
  }

  long stamp() {
    return stamp;
  }

  double score() {
    return score;
  }
}

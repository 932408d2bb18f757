package dev.headrace.router.balance;

import java.util.random.RandomGenerator;

/**
 * Power of two choices: of two distinct random candidates, the one with fewer requests in flight
 * over its weight. Robust when counts are old; wasteful when they are not, since it looks at two
 * workers only.
 */
public final class PowerOfTwoPolicy implements Policy {
  @Override
  public String name() {
    return "power-of-two";
  }

  @Override
  public int choose(Scan scan, Demand demand, RandomGenerator random, long nowNanos) {
    if (scan.size() == 1) {
      return 0;
    }
    int first = random.nextInt(scan.size());
    int second = random.nextInt(scan.size() - 1);
    if (second >= first) {
      second++;
    }
    return load(scan, second) < load(scan, first) ? second : first;
  }

  private static double load(Scan scan, int index) {
    Candidate candidate = scan.candidate(index);
    return (candidate.ledger().inFlight() + 1) / candidate.weight();
  }
}

package dev.headrace.router.balance;

import java.util.List;
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
    return load(scan.candidate(second)) < load(scan.candidate(first)) ? second : first;
  }

  private static double load(Candidate candidate) {
    return (candidate.ledger().inFlight() + 1) / candidate.weight();
  }

  @Override
  public double scoreOf(Candidate candidate, Demand demand, long nowNanos) {
    return load(candidate);
  }

  /** Of two nobody is left out; of more, chance draws the two that are compared. */
  @Override
  public Outlook outlook(List<? extends Candidate> eligible, Demand demand, long nowNanos) {
    if (eligible.size() > 2) {
      return Outlook.open("chance draws two workers; the lower score of the two is taken");
    }
    double first = load(eligible.get(0));
    double last = load(eligible.get(eligible.size() - 1));
    if (first == last) {
      return Outlook.of(eligible.size() == 1 ? List.of(0) : List.of(0, 1));
    }
    return Outlook.of(List.of(first < last ? 0 : 1));
  }
}

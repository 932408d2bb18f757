package dev.headrace.router.balance;

import java.util.List;
import java.util.random.RandomGenerator;

/** Uniformly random. Needs to know nothing and cannot herd; blind to load, speed and weight. */
public final class RandomPolicy implements Policy {
  @Override
  public String name() {
    return "random";
  }

  @Override
  public int choose(Scan scan, Demand demand, RandomGenerator random, long nowNanos) {
    return random.nextInt(scan.size());
  }

  @Override
  public Outlook outlook(List<? extends Candidate> eligible, Demand demand, long nowNanos) {
    return Outlook.open("chance decides, each of " + eligible.size() + " alike");
  }
}

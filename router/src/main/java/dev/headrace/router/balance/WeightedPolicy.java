package dev.headrace.router.balance;

import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Random with probability {@code weight / sum of weights}. Holds the shares that an operator set,
 * over any number of routers, without a counter that they would have to share; blind to load.
 */
public final class WeightedPolicy implements Policy {
  @Override
  public String name() {
    return "weighted";
  }

  @Override
  public int choose(Scan scan, Demand demand, RandomGenerator random, long nowNanos) {
    double sum = 0;
    for (int i = 0; i < scan.size(); i++) {
      sum += scan.candidate(i).weight();
    }
    double left = random.nextDouble() * sum;
    int last = scan.size() - 1;
    for (int i = 0; i < last; i++) {
      left -= scan.candidate(i).weight();
      if (left < 0) {
        return i;
      }
    }
    return last;
  }

  @Override
  public Outlook outlook(List<? extends Candidate> eligible, Demand demand, long nowNanos) {
    double sum = eligible.stream().mapToDouble(Candidate::weight).sum();
    return Outlook.open("chance decides, in the shares that weights set")
        .noting(
            eligible.size(),
            i ->
                String.format(
                    Locale.ROOT, "taken with probability %.4f", eligible.get(i).weight() / sum));
  }
}

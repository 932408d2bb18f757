package dev.headrace.router.balance;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Chooses among workers that may be chosen. Any thread, unless an implementation says otherwise.
 */
public interface Policy {

  /** The name in configuration. */
  String name();

  /**
   * Chooses one. It may be asked again for the same request, when the choice was overtaken by
   * another event loop.
   *
   * @param scan at least one candidate
   * @return index of the chosen one, {@code 0 <= index < scan.size()}
   */
  int choose(Scan scan, Demand demand, RandomGenerator random, long nowNanos);

  /** Its own number for a candidate, lower is better; NaN: it has none. For explanations. */
  default double scoreOf(Candidate candidate, Demand demand, long nowNanos) {
    return Double.NaN;
  }

  /**
   * What it would do among these candidates. For explanations: asking changes nothing.
   *
   * @param eligible at least one
   */
  default Outlook outlook(List<? extends Candidate> eligible, Demand demand, long nowNanos) {
    return Outlook.open("the policy " + name() + " does not say whom it takes next");
  }

  /**
   * A place was reserved on this worker, by this policy's choice or because it was the only one.
   */
  default void chosen(Candidate worker, Demand demand) {}
}

package dev.headrace.router.balance;

/**
 * One candidate's least-load score with what it is made of. For explanations only: choosing adds up
 * the same parts without making this.
 *
 * @param ttft predicted time to the first token [s]
 * @param pressure what the request's decoding would cost those that decode [s], before its weight β
 * @param kv what the fullness of its KV cache counts for [s]
 * @param charge what recent failures count for [s]
 * @param weight relative capacity that divides the sum
 */
public record ScoreParts(double ttft, double pressure, double kv, double charge, double weight) {

  /** Lower is better [s]. */
  public double score() {
    return LeastLoadPolicy.sum(ttft, pressure, kv, charge, weight);
  }
}

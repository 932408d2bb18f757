package dev.headrace.router.balance;

/**
 * What is known of a request when a worker is chosen for it.
 *
 * @param promptTokens estimated prompt tokens, at least 1
 * @param outputTokens expected output tokens, at least 1
 */
public record Demand(double promptTokens, double outputTokens) {

  /** Nothing is known: a typical chat request. */
  public static final Demand TYPICAL = new Demand(256, 256);

  public Demand {
    if (!(promptTokens >= 1) || !(outputTokens >= 1)) {
      throw new IllegalArgumentException("a demand has at least one token each way");
    }
  }
}

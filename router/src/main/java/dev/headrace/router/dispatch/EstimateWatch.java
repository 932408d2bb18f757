package dev.headrace.router.dispatch;

import dev.headrace.worker.Endpoint;

/** Is told how good estimates were. Any thread. */
public interface EstimateWatch {
  /** Nobody wants to know. */
  EstimateWatch NONE = (endpoint, model, expected, actual) -> {};

  /**
   * An answer told its prompt tokens.
   *
   * @param expected what the router would have expected just before it learned from this answer
   * @param actual as the worker counted them, above 0
   */
  void judged(Endpoint endpoint, String model, double expected, double actual);
}

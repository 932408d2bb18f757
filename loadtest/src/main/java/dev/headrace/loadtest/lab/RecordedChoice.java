package dev.headrace.loadtest.lab;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One choice that a router recorded, see docs/explain.md.
 *
 * @param seq its number in the router's log
 * @param at seconds since the epoch
 * @param promptTokens as the router estimated them
 * @param outputTokens what came, where the router saw it come, else what it expected
 * @param chosen key of the worker, or null when none had room
 * @param ttft measured time to the first token [s], or NaN
 * @param workers candidates, those that could not be chosen among them
 * @param omitted workers of the pool that are not among these
 */
record RecordedChoice(
    long seq,
    double at,
    String model,
    String policy,
    double promptTokens,
    int outputTokens,
    @Nullable String chosen,
    double ttft,
    List<Candidate> workers,
    int omitted) {

  RecordedChoice {
    workers = List.copyOf(workers);
  }

  /**
   * One worker as it was known.
   *
   * @param reason why it could not be chosen, or null
   * @param capacity requests that it may hold, {@link Integer#MAX_VALUE}: no limit
   * @param inFlight requests that it held at that moment
   */
  record Candidate(
      String key,
      @Nullable String reason,
      double weight,
      int capacity,
      int inFlight,
      Rates rates) {}

  /**
   * Learned speeds [s].
   *
   * @param fixed part of a prefill that does not depend on its length
   * @param perToken prefill time of one prompt token
   * @param gap between tokens of a request that is alone
   * @param gapPerRequest what each request beside it adds
   */
  record Rates(double fixed, double perToken, double gap, double gapPerRequest) {}

  /** A choice after a failed try: its request was chosen for before. */
  boolean retry() {
    return workers.stream().anyMatch(worker -> "tried already".equals(worker.reason()));
  }
}

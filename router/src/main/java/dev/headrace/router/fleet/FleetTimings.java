package dev.headrace.router.fleet;

import java.time.Duration;

/**
 * How often the directory asks workers what they are.
 *
 * @param firstRetry after a first question without answer; doubles with each further one
 * @param longestRetry bound of that
 * @param refresh between two questions for the models of a worker whose source does not name them
 * @param patience how long a source may take to start before its last known workers are used, and
 *     how long the start waits for the first answers of workers
 * @param concurrency questions under way at once, over all workers
 */
public record FleetTimings(
    Duration firstRetry,
    Duration longestRetry,
    Duration refresh,
    Duration patience,
    int concurrency) {

  public static final FleetTimings DEFAULT =
      new FleetTimings(
          Duration.ofMillis(500),
          Duration.ofSeconds(15),
          Duration.ofSeconds(20),
          Duration.ofSeconds(2),
          32);
}

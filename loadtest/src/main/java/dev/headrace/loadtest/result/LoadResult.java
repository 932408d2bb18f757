package dev.headrace.loadtest.result;

import dev.headrace.loadtest.LoadOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * All that a run found.
 *
 * @param planSha256 digest of the measured plan as far as it was sent or dropped
 * @param window from the measured plan's begin to the end of its last answer
 * @param workers by falling number of requests; empty when answers named none
 * @param errors by falling count
 */
public record LoadResult(
    LoadOptions options,
    Instant started,
    String planSha256,
    Duration window,
    Counts counts,
    Tokens tokens,
    Map<Metric, LatencySummary> latencies,
    List<WorkerShare> workers,
    List<ErrorKind> errors,
    GeneratorHealth generator,
    Verdict verdict) {
  private static final double NANOS_PER_SECOND = 1e9;

  public LoadResult {
    latencies = Map.copyOf(latencies);
    workers = List.copyOf(workers);
    errors = List.copyOf(errors);
  }

  public LatencySummary latency(Metric metric) {
    LatencySummary summary = latencies.get(metric);
    if (summary == null) {
      throw new IllegalStateException("every metric has a summary");
    }
    return summary;
  }

  /** Completed requests per second of the window. */
  public double requestsPerSecond() {
    return counts.completed() / seconds();
  }

  /** Output tokens of completed requests per second of the window. */
  public double outputTokensPerSecond() {
    return tokens.output() / seconds();
  }

  /** Largest share of a worker divided by the mean share; 1 is perfectly even, NaN without any. */
  public double skew() {
    return workers.stream().mapToLong(WorkerShare::requests).max().orElse(0)
        / workers.stream().mapToLong(WorkerShare::requests).average().orElse(Double.NaN);
  }

  private double seconds() {
    return Math.max(1, window.toNanos()) / NANOS_PER_SECOND;
  }
}

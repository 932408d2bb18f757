package dev.headrace.loadtest.run;

import dev.headrace.loadtest.LoadOptions;
import dev.headrace.loadtest.result.Counts;
import dev.headrace.loadtest.result.ErrorKind;
import dev.headrace.loadtest.result.GeneratorHealth;
import dev.headrace.loadtest.result.LatencySummary;
import dev.headrace.loadtest.result.LoadResult;
import dev.headrace.loadtest.result.Metric;
import dev.headrace.loadtest.result.Tokens;
import dev.headrace.loadtest.result.Verdict;
import dev.headrace.loadtest.result.WorkerShare;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Adds up what the loops recorded. Histograms are added, never their percentiles. One thread at a
 * time.
 */
final class RunCollector {
  private final Map<Metric, Histogram> totals = new EnumMap<>(Metric.class);

  RunCollector() {
    for (Metric metric : Metric.values()) {
      totals.put(metric, new Histogram(3));
    }
  }

  /** Takes what was recorded since the last call into the totals and gives it back. */
  Histogram take(Metric metric, List<LoopRecorder> recorders) {
    Histogram interval = new Histogram(3);
    for (LoopRecorder recorder : recorders) {
      interval.add(recorder.interval(metric));
    }
    total(metric).add(interval);
    return interval;
  }

  /**
   * @param windowNanos when the measured plan began
   * @param cpuNanos CPU time of the process over the whole run of {@code wallNanos}
   */
  LoadResult finish(
      LoadOptions options,
      Instant started,
      long windowNanos,
      List<LoopRecorder> recorders,
      long cpuNanos,
      long wallNanos,
      long gcMillis) {
    Map<Metric, LatencySummary> latencies = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      take(metric, recorders);
      latencies.put(metric, new LatencySummary(total(metric)));
    }
    Tally sum = new Tally();
    Map<String, WorkerShare> workers = new HashMap<>();
    Map<String, ErrorKind> errors = new HashMap<>();
    long busiest = 0;
    for (LoopRecorder recorder : recorders) {
      sum.add(recorder.tally);
      busiest = Math.max(busiest, recorder.tally.cpuNanos);
      recorder
          .workers()
          .forEach((id, share) -> workers.computeIfAbsent(id, WorkerShare::new).add(share));
      recorder
          .errors()
          .forEach(
              (kind, error) ->
                  errors.computeIfAbsent(kind, ErrorKind::new).add(error.count(), error.example()));
    }
    boolean any = sum.lastEndNanos != Long.MIN_VALUE;
    long window = any ? Math.max(1, sum.lastEndNanos - windowNanos) : 0;
    GeneratorHealth health =
        new GeneratorHealth(
            window == 0 ? 0 : (double) busiest / window,
            wallNanos == 0 ? 0 : (double) cpuNanos / wallNanos,
            gcMillis,
            late(latencies, Metric.PACING_DELAY),
            late(latencies, Metric.LOOP_LAG));
    Histogram typical = total(options.stream() ? Metric.TTFT : Metric.E2E);
    long planned = sum.started + sum.dropped;
    return new LoadResult(
        options,
        started,
        options.plan().sha256(planned),
        Duration.ofNanos(window),
        new Counts(
            planned,
            sum.started,
            sum.completed,
            sum.failed,
            sum.dropped,
            sum.waited,
            sum.resent,
            sum.empty,
            sum.withoutDone),
        tokens(sum),
        latencies,
        sorted(workers.values().stream().toList(), WorkerShare::requests, WorkerShare::id),
        sorted(errors.values().stream().toList(), ErrorKind::count, ErrorKind::kind),
        health,
        Verdict.of(
            health, new LatencySummary(typical).value(50), sum.started, sum.waited, sum.dropped));
  }

  private static double late(Map<Metric, LatencySummary> latencies, Metric metric) {
    LatencySummary summary = latencies.get(metric);
    return summary == null ? Double.NaN : summary.value(99);
  }

  private static Tokens tokens(Tally sum) {
    String source =
        sum.completed == sum.withUsage && sum.completed > 0
            ? "usage"
            : sum.withUsage == 0 ? "events" : "mixed";
    double perContent = sum.contents == 0 ? Double.NaN : (double) sum.outputTokens / sum.contents;
    return new Tokens(sum.promptTokens, sum.cachedTokens, sum.outputTokens, source, perContent);
  }

  private static <T> List<T> sorted(
      List<T> items,
      java.util.function.ToLongFunction<T> count,
      java.util.function.Function<T, String> name) {
    return items.stream()
        .sorted(Comparator.comparingLong(count).reversed().thenComparing(name))
        .toList();
  }

  private Histogram total(Metric metric) {
    Histogram total = totals.get(metric);
    if (total == null) {
      throw new IllegalStateException("every metric has a total");
    }
    return total;
  }
}

package dev.headrace.loadtest.result;

import dev.headrace.loadtest.LoadOptions;
import dev.headrace.loadtest.LoadShape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The result for a person: plain ASCII, at most 100 columns, one screen. Pure. */
public final class ResultTable {
  private static final int MAX_WORKERS = 16;

  /** Percentiles of the table; the rest is in the JSON. */
  private static final List<Metric> STREAMED =
      List.of(
          Metric.TTFT,
          Metric.TTFT_SENT,
          Metric.CHUNK_GAP,
          Metric.TPOT,
          Metric.E2E,
          Metric.E2E_SENT,
          Metric.DISPATCH_DELAY);

  private static final List<Metric> WHOLE =
      List.of(Metric.TTFB, Metric.E2E, Metric.E2E_SENT, Metric.DISPATCH_DELAY);

  private ResultTable() {}

  /** What is about to run, in two lines. */
  public static List<String> announce(LoadOptions options) {
    List<String> lines = new ArrayList<>();
    lines.add(
        text(
            "%s, model %s, %s%s",
            options.target(),
            options.model(),
            options.endpoint().word(),
            options.stream() ? ", streamed" : ""));
    String bound =
        options.duration() == null
            ? text("%d requests", options.requests())
            : seconds(options.duration())
                + (options.requests() > 0 ? text(" or %d requests", options.requests()) : "");
    String load =
        options.shape() instanceof LoadShape.Open open
            ? text("open loop, Poisson %s/s", number(open.ratePerSecond()))
            : text("closed loop, %d users", options.shape().maxInFlight());
    String lengths =
        options.endpoint().generates()
            ? text("prompt %s, at most %s tokens", options.promptTokens(), options.maxTokens())
            : text("input %s tokens", options.promptTokens());
    String warmup = options.warmup().isZero() ? "" : " after " + seconds(options.warmup());
    lines.add(
        text(
            "%s, %s%s%s; %s; seed %d",
            load, bound, warmup, warmup.isEmpty() ? "" : " of warm-up", lengths, options.seed()));
    return lines;
  }

  public static List<String> of(LoadResult result) {
    List<String> lines = new ArrayList<>();
    totals(lines, result);
    lines.add("");
    lines.add(text("%-15s%9s%10s%10s%10s%10s", "ms", "n", "p50", "p90", "p99", "max"));
    for (Metric metric : result.options().stream() ? STREAMED : WHOLE) {
      LatencySummary latency = result.latency(metric);
      lines.add(
          text(
              "%-15s%9d%10s%10s%10s%10s  %s",
              metric.word(),
              latency.count(),
              millis(latency.percentile(50)),
              millis(latency.percentile(90)),
              millis(latency.percentile(99)),
              millis(latency.max()),
              metric.meaning()));
    }
    if (result.latency(Metric.E2E).count() < 1000) {
      lines.add("-: too few values for that percentile");
    }
    workers(lines, result);
    errors(lines, result);
    lines.add("");
    verdict(lines, result);
    return lines;
  }

  private static void totals(List<String> lines, LoadResult result) {
    Counts counts = result.counts();
    String dropped = counts.dropped() == 0 ? "" : text(", %d dropped", counts.dropped());
    String resent = counts.resent() == 0 ? "" : text(", %d resent", counts.resent());
    lines.add(
        text(
            "requests  %d completed, %d failed%s in %s: %s requests/s",
            counts.completed(),
            counts.failed(),
            dropped + resent,
            seconds(result.window()),
            number(result.requestsPerSecond())));
    Tokens tokens = result.tokens();
    if (result.options().endpoint().generates()) {
      String cached = tokens.cached() == 0 ? "" : text(" (%d cached)", tokens.cached());
      lines.add(
          text(
              "tokens    %d prompt%s, %d output (from %s): %s output tokens/s",
              tokens.prompt(),
              cached,
              tokens.output(),
              tokens.source(),
              number(result.outputTokensPerSecond())));
    } else {
      lines.add(text("tokens    %d input (from %s)", tokens.prompt(), tokens.source()));
    }
  }

  private static void workers(List<String> lines, LoadResult result) {
    if (result.workers().isEmpty()) {
      return;
    }
    lines.add("");
    lines.add(text("%-24s%10s%8s%12s%12s", "worker", "requests", "share", "tokens", "ttft p50"));
    long all = result.workers().stream().mapToLong(WorkerShare::requests).sum();
    result.workers().stream()
        .limit(MAX_WORKERS)
        .forEach(
            worker ->
                lines.add(
                    text(
                        "%-24s%10d%7.1f%%%12d%12s",
                        worker.id(),
                        worker.requests(),
                        100.0 * worker.requests() / Math.max(1, all),
                        worker.outputTokens(),
                        millis(new LatencySummary(worker.ttft()).value(50)))));
    if (result.workers().size() > MAX_WORKERS) {
      lines.add(text("and %d more", result.workers().size() - MAX_WORKERS));
    }
  }

  private static void errors(List<String> lines, LoadResult result) {
    if (!result.errors().isEmpty()) {
      lines.add("");
    }
    for (ErrorKind error : result.errors()) {
      lines.add(text("error     %s: %d, first: %s", error.kind(), error.count(), error.example()));
    }
  }

  private static void verdict(List<String> lines, LoadResult result) {
    GeneratorHealth health = result.generator();
    lines.add(
        text(
            "generator busiest loop %.0f %% of a core, lag p99 %s ms, own lateness p99 %s ms,"
                + " collections %d ms",
            health.busiestLoop() * 100,
            millis(health.loopLagP99Millis()),
            millis(health.pacingP99Millis()),
            health.gcMillis()));
    Verdict verdict = result.verdict();
    lines.add(
        switch (verdict.kind()) {
          case VALID -> "verdict   valid: the generator was not the limit";
          case SATURATED -> "verdict   saturated: the target could not keep up with the plan";
          case DEGRADED -> "verdict   degraded: the generator was part of the limit";
        });
    verdict.reasons().forEach(reason -> lines.add("          - " + reason));
    if (result.options().shape() instanceof LoadShape.Closed) {
      lines.add("          closed loop: these latencies do not hold for users who come unasked");
    }
  }

  private static String millis(double value) {
    return !Double.isFinite(value)
        ? "-"
        : text(value < 100 ? "%.2f" : value < 10_000 ? "%.1f" : "%.0f", value);
  }

  private static String number(double value) {
    return text(value < 100 ? "%.1f" : "%.0f", value);
  }

  private static String seconds(Duration duration) {
    return text("%.3g s", duration.toNanos() / 1e9);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

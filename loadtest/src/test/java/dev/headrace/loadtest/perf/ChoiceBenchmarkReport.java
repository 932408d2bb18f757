package dev.headrace.loadtest.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs {@link ChoiceBenchmark} with JMH's profiler of allocation, and puts its table before the
 * list of what was measured with. Started by {@code loadtest/perf/choice-cost}: with {@code
 * --quick} it only prints; else with the file that {@link ChoiceCost} wrote.
 */
public final class ChoiceBenchmarkReport {
  private static final String BEFORE = "## Measured with";

  private ChoiceBenchmarkReport() {}

  /** Runs it. */
  public static void main(String[] args) throws RunnerException, IOException {
    boolean quick = args[0].equals("--quick");
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\." + ChoiceBenchmark.class.getSimpleName() + "\\.")
            .addProfiler(GCProfiler.class);
    if (quick) {
      options =
          options
              .forks(1)
              .warmupIterations(2)
              .warmupTime(TimeValue.milliseconds(300))
              .measurementIterations(2)
              .measurementTime(TimeValue.milliseconds(300));
    }
    List<String> table = table(new Runner(options.build()).run());
    table.forEach(System.out::println);
    if (!quick) {
      Path report = Path.of(args[0]);
      String text = Files.readString(report);
      if (!text.contains(BEFORE)) {
        throw new IOException(report + " has no section '" + BEFORE + "'");
      }
      Files.writeString(report, text.replace(BEFORE, String.join("\n", table) + "\n\n" + BEFORE));
    }
  }

  static List<String> table(Collection<RunResult> results) {
    List<String> lines = new ArrayList<>();
    lines.add("## By JMH");
    lines.add("");
    lines.add(
        "The same by JMH with `-prof gc`, in forked JVMs: mean over iterations, and half of the"
            + " 99.9 % confidence interval.");
    lines.add("");
    lines.add("| policy | workers | microseconds per choice | ± | bytes per choice |");
    lines.add("|---|---:|---:|---:|---:|");
    for (RunResult result : results) {
      double bytes = Double.NaN;
      for (String name : result.getSecondaryResults().keySet()) {
        if (name.endsWith("gc.alloc.rate.norm")) {
          bytes = result.getSecondaryResults().get(name).getScore();
        }
      }
      lines.add(
          String.format(
              Locale.ROOT,
              "| `%s` | %s | %.2f | %s | %.0f |",
              result.getParams().getParam("policy"),
              result.getParams().getParam("workers"),
              result.getPrimaryResult().getScore() / 1e3,
              error(result.getPrimaryResult().getScoreError()),
              bytes));
    }
    return lines;
  }

  /** Too few iterations have none. */
  private static String error(double nanos) {
    return Double.isNaN(nanos) ? "" : String.format(Locale.ROOT, "%.2f", nanos / 1e3);
  }
}

package dev.headrace.loadtest.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run of the laboratory found, as a table for people and as an HTML page with curves. */
public final class LabReport {
  private static final String ORACLE = "oracle";
  private static final String BASE = "least-requests";

  private final int requests;
  private final long seed;
  private final int chunk;
  private final Map<String, List<LabResult>> byScenario = new LinkedHashMap<>();

  LabReport(int requests, long seed, int chunk, List<LabResult> results) {
    this.requests = requests;
    this.seed = seed;
    this.chunk = chunk;
    for (LabResult result : results) {
      byScenario.computeIfAbsent(result.scenario(), name -> new ArrayList<>()).add(result);
    }
  }

  Map<String, List<LabResult>> byScenario() {
    return byScenario;
  }

  static LabResult named(List<LabResult> results, String policy) {
    return results.stream()
        .filter(result -> result.policy().equals(policy))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no result of " + policy));
  }

  /** A Markdown table for each scenario. Times in milliseconds. */
  public List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add(setting() + "; virtual time, milliseconds.");
    byScenario.forEach(
        (scenario, results) -> {
          LabResult oracle = named(results, ORACLE);
          LabResult base = named(results, BASE);
          lines.add("");
          lines.add("**" + scenario + "**");
          lines.add("");
          lines.add(
              "| policy | TTFT p50 | TTFT p99 | of oracle | of least-requests | TPOT p50 | TPOT p99 | E2E p50 | E2E p99"
                  + " | max/mean | to the failing |");
          lines.add("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
          for (LabResult r : results) {
            lines.add(
                text(
                    "| %s | %.0f | %.0f | %.2f | %.2f | %.1f | %.1f | %.0f | %.0f | %.2f | %s |",
                    r.policy(),
                    1e3 * r.ttftP50(),
                    1e3 * r.ttftP99(),
                    r.ttftP99() / oracle.ttftP99(),
                    r.ttftP99() / base.ttftP99(),
                    1e3 * r.tpotP50(),
                    1e3 * r.tpotP99(),
                    1e3 * r.e2eP50(),
                    1e3 * r.e2eP99(),
                    r.maxOverMean(),
                    r.failingShare() == 0 ? "" : text("%.2f %%", 100 * r.failingShare())));
          }
        });
    return lines;
  }

  /**
   * One page without anything from outside: a table and the distribution of TTFT for each scenario.
   */
  public String html() {
    return LabPage.render(setting(), byScenario);
  }

  /** The same page with the sections of other runs at its end. */
  public String html(String sections) {
    return html().replace("</html>", sections + "</html>");
  }

  private String setting() {
    return text(
        "%d requests per run, seed %d, prefill in chunks of %d tokens", requests, seed, chunk);
  }

  static String text(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}

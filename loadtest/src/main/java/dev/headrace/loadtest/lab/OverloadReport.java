package dev.headrace.loadtest.lab;

import static dev.headrace.loadtest.lab.LabReport.text;

import dev.headrace.router.admission.Priority;
import java.util.ArrayList;
import java.util.List;

/** What overload does to the classes, as tables for people and as a part of the HTML page. */
public final class OverloadReport {
  private final long seed;
  private final List<OverloadResult> results;

  OverloadReport(long seed, List<OverloadResult> results) {
    this.seed = seed;
    this.results = results;
  }

  /** Runs the overload with each kind of client. */
  public static OverloadReport run(long seed) {
    List<OverloadResult> results = new ArrayList<>();
    for (Overload.Clients clients : Overload.Clients.values()) {
      results.add(OverloadResult.of(Overload.USUAL.with(clients), seed));
    }
    return new OverloadReport(seed, results);
  }

  private String setting() {
    Overload usual = Overload.USUAL;
    OverloadResult first = results.get(0);
    return text(
        "%.0f times the capacity for %.0f s: %.0f requests per second for %d workers of %d places,"
            + " max-queue %d, max-wait %.0f s, seed %d. Capacity: %.0f output tokens per second."
            + " Unloaded: %.0f ms to the first token, %.1f s for an answer (medians).",
        usual.load(),
        usual.seconds(),
        first.offered(),
        usual.workers(),
        usual.cap(),
        usual.maxQueue(),
        usual.maxWait(),
        seed,
        first.capacity(),
        1e3 * first.aloneTtft(),
        first.aloneE2e());
  }

  private static List<String> heads() {
    return List.of(
        "clients",
        "goodput of capacity",
        "refusals",
        "error of Retry-After",
        "loud tenant's tokens",
        "class",
        "asked",
        "answered",
        "places",
        "wait p50",
        "wait p99",
        "TTFT p99",
        "wait p99 with the start",
        "longest wait");
  }

  private List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (OverloadResult result : results) {
      for (OverloadResult.ClassPart part : result.classes()) {
        boolean first = part.priority() == Priority.HIGH;
        rows.add(
            List.of(
                first ? result.setting().clients().words : "",
                first ? text("%.1f %%", 100 * result.goodput() / result.capacity()) : "",
                first ? text("%d", result.refusals()) : "",
                first ? text("%.0f %%", 100 * result.retryAfterError()) : "",
                first ? text("%.0f %%", 100 * result.loudShare()) : "",
                part.priority().label(),
                text("%d", part.asked()),
                text("%.0f %%", 100.0 * part.answered() / part.asked()),
                text("%.0f %%", 100 * part.placeShare()),
                text("%.0f", 1e3 * part.waitP50()),
                text("%.0f", 1e3 * part.waitP99()),
                text("%.0f", 1e3 * part.ttftP99()),
                text("%.0f", 1e3 * part.waitP99WithStart()),
                text("%.0f", 1e3 * part.longestWait())));
      }
    }
    return rows;
  }

  /** A Markdown table. Times in milliseconds. */
  public List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add("**overload**");
    lines.add("");
    lines.add(setting());
    lines.add("");
    lines.add("| " + String.join(" | ", heads()) + " |");
    lines.add("|---" + "|---:".repeat(4) + "|---" + "|---:".repeat(8) + "|");
    rows().forEach(row -> lines.add("| " + String.join(" | ", row) + " |"));
    return lines;
  }

  /** The same as a section of the laboratory's page. */
  public String section() {
    StringBuilder page = new StringBuilder("<h2>overload</h2><p>");
    page.append(setting()).append(" Times in milliseconds.</p><table><tr><th>");
    page.append(String.join("<th>", heads())).append("</tr>");
    rows().forEach(row -> page.append("<tr><td>").append(String.join("<td>", row)).append("</tr>"));
    return page.append("</table>").toString();
  }
}

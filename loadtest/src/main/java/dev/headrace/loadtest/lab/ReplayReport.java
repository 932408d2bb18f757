package dev.headrace.loadtest.lab;

import static dev.headrace.loadtest.lab.LabReport.text;

import dev.headrace.router.balance.Policies;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What other policies would have made of a router's recorded choices. For people: the table of each
 * model; on demand a line for each choice.
 */
public final class ReplayReport {

  /** A file that cannot be replayed; the message says where it is wrong and what was expected. */
  public static final class Unusable extends Exception {
    private static final long serialVersionUID = 1;

    private final String what;

    Unusable(String what) {
      super(what);
      this.what = what;
    }

    /** The message. */
    public String what() {
      return what;
    }
  }

  private record Row(String policy, Replay replay, int same) {}

  private final List<String> table = new ArrayList<>();
  private final List<String> choices = new ArrayList<>();

  private ReplayReport() {}

  /** Policies that a recorded log is enough for: it has no session keys. */
  public static List<String> policies() {
    return Policies.names().stream().filter(name -> !name.equals("session")).toList();
  }

  /**
   * Replays a file.
   *
   * @param policies names out of {@link #policies()}
   * @param chunk prompt tokens that an engine prefills in one step
   * @throws Unusable when it is not what {@code GET /admin/v1/decisions} gives
   */
  public static ReplayReport of(Path file, List<String> policies, int chunk, long seed)
      throws Unusable {
    List<RecordedChoice> all = DecisionFile.read(file);
    Map<String, List<RecordedChoice>> byModel = new TreeMap<>();
    all.forEach(c -> byModel.computeIfAbsent(c.model(), name -> new ArrayList<>()).add(c));
    ReplayReport report = new ReplayReport();
    byModel.forEach((model, recorded) -> report.add(model, recorded, policies, chunk, seed));
    return report;
  }

  private void add(
      String model, List<RecordedChoice> all, List<String> policies, int chunk, long seed) {
    List<RecordedChoice> used =
        all.stream().filter(choice -> choice.chosen() != null && !choice.retry()).toList();
    long retries = all.stream().filter(RecordedChoice::retry).count();
    if (!table.isEmpty()) {
      table.add("");
    }
    table.add("**" + model + "**");
    table.add("");
    if (used.isEmpty()) {
      table.add(all.size() + " choices, none with a worker on the first try: nothing to replay.");
      return;
    }
    double span = used.get(used.size() - 1).at() - used.get(0).at();
    table.add(
        text(
            "%d requests in %.1f s, chosen by %s; left out: %d retries, %d without a worker.",
            used.size(),
            span,
            String.join(", ", used.stream().map(RecordedChoice::policy).distinct().toList()),
            retries,
            all.size() - used.size() - retries));
    double[] measured =
        used.stream()
            .mapToDouble(RecordedChoice::ttft)
            .filter(ttft -> !Double.isNaN(ttft))
            .sorted()
            .toArray();
    table.add("");
    table.add("| policy | same worker as the log | TTFT p50 | TTFT p99 | share of each worker |");
    table.add("|---|---:|---:|---:|---|");
    table.add(
        row(
            "the log, " + measured.length + " measured",
            "",
            measured,
            shares(used.stream().map(RecordedChoice::chosen).toList())));
    List<Row> rows = new ArrayList<>();
    for (String policy : policies) {
      Replay replay = new Replay(used, Policies.of(policy), chunk, seed);
      replay.run();
      int same = 0;
      List<String> keys = new ArrayList<>();
      for (int i = 0; i < used.size(); i++) {
        keys.add(replay.chosen(i));
        same += replay.chosen(i).equals(used.get(i).chosen()) ? 1 : 0;
      }
      rows.add(new Row(policy, replay, same));
      table.add(
          row(policy, text("%.0f %%", 100.0 * same / used.size()), replay.ttft(), shares(keys)));
    }
    lines(model, used, rows);
  }

  private void lines(String model, List<RecordedChoice> used, List<Row> rows) {
    if (choices.isEmpty()) {
      choices.add("model,seq,log," + String.join(",", rows.stream().map(Row::policy).toList()));
    }
    for (int i = 0; i < used.size(); i++) {
      StringBuilder line = new StringBuilder(model);
      line.append(',').append(used.get(i).seq()).append(',').append(used.get(i).chosen());
      for (Row row : rows) {
        line.append(',').append(row.replay().chosen(i));
      }
      choices.add(line.toString());
    }
  }

  private static String row(String name, String same, double[] ttft, String shares) {
    return "| "
        + String.join(" | ", List.of(name, same, at(ttft, 0.5), at(ttft, 0.99), shares))
        + " |";
  }

  private static String at(double[] sorted, double quantile) {
    return sorted.length == 0
        ? ""
        : text("%.0f", 1e3 * sorted[(int) Math.min(sorted.length - 1, sorted.length * quantile)]);
  }

  private static String shares(List<String> keys) {
    Map<String, Integer> counts = new TreeMap<>();
    keys.forEach(key -> counts.merge(key, 1, Integer::sum));
    Map<String, String> shown = new LinkedHashMap<>();
    counts.forEach((key, n) -> shown.put(key, text("%.0f %%", 100.0 * n / keys.size())));
    String[] parts =
        shown.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toArray(String[]::new);
    return String.join(", ", Arrays.asList(parts));
  }

  /** Markdown: for each model what each policy would have made of it. Times in milliseconds. */
  public List<String> table() {
    return List.copyOf(table);
  }

  /** CSV: for each choice whom the log and each policy chose. */
  public List<String> choices() {
    return List.copyOf(choices);
  }
}

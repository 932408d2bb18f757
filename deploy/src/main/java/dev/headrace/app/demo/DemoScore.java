package dev.headrace.app.demo;

import dev.headrace.app.console.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who answered what, and how soon. One thread. */
final class DemoScore {
  private final Map<String, List<DemoAnswer>> byWorker = new LinkedHashMap<>();
  private final List<String> failures = new ArrayList<>();

  DemoScore() {
    DemoWorker.FLEET.forEach(worker -> byWorker.put(worker.id(), new ArrayList<>()));
  }

  /**
   * Counts one answer.
   *
   * @param id the worker that gave it, or null when that is not known
   */
  void add(@Nullable String id, DemoAnswer answer) {
    List<DemoAnswer> answers = id == null ? null : byWorker.get(id);
    if (!answer.whole()) {
      failures.add("a stream was not whole: " + answer.failure());
    } else if (answers == null) {
      failures.add("an answer names no worker of this fleet");
    } else {
      answers.add(answer);
    }
  }

  /** What went wrong, or null when every stream was whole and every worker served some. */
  @Nullable String wrong() {
    List<String> wrong = new ArrayList<>(failures.stream().distinct().limit(3).toList());
    byWorker.forEach(
        (id, answers) -> {
          if (answers.isEmpty()) {
            wrong.add("worker " + id + " served nothing");
          }
        });
    return wrong.isEmpty() ? null : String.join("; ", wrong);
  }

  TextTable table() {
    TextTable table =
        TextTable.of(
                "WORKER",
                "ENGINE",
                "MODEL",
                "SPEED",
                "SLOTS",
                "ANSWERS",
                "TOKENS",
                "TTFT p50",
                "TTFT max")
            .right(3, 4, 5, 6, 7, 8);
    for (DemoWorker worker : DemoWorker.FLEET) {
      List<DemoAnswer> answers = byWorker.getOrDefault(worker.id(), List.of());
      List<Long> first = answers.stream().map(DemoAnswer::firstTokenNanos).sorted().toList();
      table.row(
          worker.id(),
          worker.engine(),
          worker.model(),
          worker.tokensPerSecond() + " tok/s",
          Integer.toString(worker.slots()),
          Integer.toString(answers.size()),
          Integer.toString(answers.stream().mapToInt(DemoAnswer::pieces).sum()),
          first.isEmpty() ? "-" : millis(first.get((first.size() - 1) / 2)),
          first.isEmpty() ? "-" : millis(first.get(first.size() - 1)));
    }
    return table;
  }

  static String millis(long nanos) {
    return String.format(Locale.ROOT, "%d ms", Math.round(nanos / 1e6));
  }

  static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }
}

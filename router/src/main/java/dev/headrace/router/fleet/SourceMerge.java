package dev.headrace.router.fleet;

import dev.headrace.worker.WorkerAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes one list of workers out of what several sources say.
 *
 * <p>One address is one worker, else its load would be counted in two ledgers. The more specific
 * source wins: {@code static} over {@code embedded} over {@code consul} over any other; within one
 * source, a worker that is not down wins over one that is, then the lower id. A loser's wish to
 * drain holds for the winner too: any source can take a worker out.
 */
final class SourceMerge {
  private static final List<String> RANKS = List.of("static", "embedded", "consul");

  private static final Comparator<WorkerSpec> PRECEDENCE =
      Comparator.<WorkerSpec>comparingInt(spec -> rank(spec.source()))
          .thenComparing(WorkerSpec::source)
          .thenComparing(WorkerSpec::down)
          .thenComparing(WorkerSpec::id);

  /**
   * @param workers the winners by key, in the order of their keys
   * @param shadowed losers by key, with the key of the worker that has their address
   */
  record Merged(Map<String, WorkerSpec> workers, Map<String, Shadow> shadowed) {}

  record Shadow(WorkerSpec spec, String winner) {}

  private SourceMerge() {}

  static Merged merge(Collection<List<WorkerSpec>> lists) {
    List<WorkerSpec> all = new ArrayList<>();
    lists.forEach(all::addAll);
    all.sort(PRECEDENCE);
    Map<WorkerAddress, WorkerSpec> byAddress = new HashMap<>();
    Map<String, WorkerSpec> workers = new TreeMap<>();
    Map<String, Shadow> shadowed = new LinkedHashMap<>();
    for (WorkerSpec spec : all) {
      if (workers.containsKey(spec.key())) {
        continue;
      }
      WorkerSpec winner = byAddress.putIfAbsent(spec.address(), spec);
      if (winner == null) {
        workers.put(spec.key(), spec);
        continue;
      }
      shadowed.put(spec.key(), new Shadow(spec, winner.key()));
      if (spec.drain()) {
        workers.computeIfPresent(winner.key(), (key, kept) -> kept.drained());
      }
    }
    return new Merged(workers, shadowed);
  }

  private static int rank(String source) {
    int rank = RANKS.indexOf(source);
    return rank < 0 ? RANKS.size() : rank;
  }
}

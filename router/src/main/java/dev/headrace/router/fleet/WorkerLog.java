package dev.headrace.router.fleet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/**
 * Writes to the log what becomes of workers: one line for each change of state, with its reason.
 * What comes together is written together, and where many change alike one line stands for all.
 * Confined to the gate's loop.
 */
final class WorkerLog {
  private static final Logger LOG = Logger.getLogger(WorkerLog.class.getName());
  private static final long TOGETHER_MILLIS = 100;
  private static final int MOST_LINES = 5;
  private static final int EXAMPLES = 3;

  /**
   * @param change the same for all to which the same happened
   * @param text what happened to this one
   */
  private record Line(Level level, String key, String change, String text) {}

  private final LoopGate gate;

  /** Of the workers of the fleet. */
  private final Map<String, WorkerState> states = new HashMap<>();

  /** In the order in which it happened. */
  private final List<Line> pending = new ArrayList<>();

  WorkerLog(LoopGate gate) {
    this.gate = gate;
  }

  /**
   * Takes the fleet as it is now.
   *
   * @param whyGone why a worker of that key is not in it
   */
  void follow(FleetSnapshot fleet, UnaryOperator<String> whyGone) {
    states
        .keySet()
        .removeIf(
            key -> {
              boolean gone = !fleet.workers().containsKey(key);
              if (gone) {
                add(Level.INFO, key, "left the fleet", "left the fleet: " + whyGone.apply(key));
              }
              return gone;
            });
    fleet.workers().values().forEach(this::look);
  }

  /** Its state may have changed. */
  void look(Worker worker) {
    String key = worker.spec().key();
    WorkerState now = WorkerState.of(worker);
    WorkerState before = states.put(key, now);
    if (before == now) {
      return;
    }
    Level level = now == WorkerState.DOWN ? Level.WARNING : Level.INFO;
    String is = reason(worker, now);
    if (before == null) {
      String joined = "joined the fleet";
      add(level, key, joined, joined + ": " + worker.spec().address() + ", " + is);
    } else {
      String was = " (was " + before.label() + ")";
      add(level, key, "are " + now.label() + was, "is " + is + was);
    }
  }

  /** It is known, but not well enough to be in the fleet. */
  void unresolved(WorkerSpec spec, String problem) {
    String cannot = "cannot be used";
    add(Level.WARNING, spec.key(), cannot, cannot + ": " + spec.address() + " " + problem);
  }

  private static String reason(Worker worker, WorkerState state) {
    String why = worker.unroutable();
    if (why == null) {
      return state.label();
    }
    boolean operator = state == WorkerState.DRAINING && worker.live().drainedByOperator();
    return operator && !worker.spec().drain() ? why + " by operator" : why;
  }

  private void add(Level level, String key, String change, String text) {
    if (pending.isEmpty()) {
      gate.timer(TOGETHER_MILLIS, this::write);
    }
    pending.add(new Line(level, key, change, text));
  }

  /** Writes what is not written yet. */
  void write() {
    Map<String, List<Line>> alike =
        pending.stream().collect(Collectors.groupingBy(Line::change, Collectors.toList()));
    Set<String> summed = new HashSet<>();
    for (Line line : pending) {
      List<Line> same = alike.getOrDefault(line.change(), List.of());
      if (same.size() <= MOST_LINES) {
        LOG.log(line.level(), "Worker " + line.key() + " " + line.text());
      } else if (summed.add(line.change())) {
        LOG.log(line.level(), summary(same));
      }
    }
    pending.clear();
  }

  private static String summary(List<Line> same) {
    Line first = same.get(0);
    return same.size()
        + (" workers " + first.change() + ": ")
        + String.join(", ", same.stream().limit(EXAMPLES).map(Line::key).toList())
        + (" and " + (same.size() - EXAMPLES) + " more; the first " + first.text());
  }
}

package dev.headrace.router.fleet;

import java.util.Locale;

/** Where a worker stands, in one word: for operators and meters. */
public enum WorkerState {
  /** Takes requests. */
  ROUTABLE,
  /** Its model loads, or nobody has checked it yet. */
  LOADING,
  /** Finishes what it has. */
  DRAINING,
  /** Does not answer as it should, or its source says so. */
  DOWN,
  /** Taken out by an operator. */
  EJECTED,
  /** Not known well enough to route to. */
  UNRESOLVED,
  /** Another worker with the same address stands for it. */
  SHADOWED;

  /** The state of a worker that is in the fleet. */
  public static WorkerState of(Worker worker) {
    if (worker.live().ejectedByOperator()) {
      return EJECTED;
    }
    if (worker.spec().drain() || worker.live().drainedByOperator()) {
      return DRAINING;
    }
    if (worker.spec().down()) {
      return DOWN;
    }
    return switch (worker.live().health().state()) {
      case READY -> ROUTABLE;
      case LOADING -> LOADING;
      case DRAINING -> DRAINING;
      case DOWN -> DOWN;
    };
  }

  /** In lower case, as the admin API and the meters show it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package dev.headrace.router.fleet;

import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.load.WorkerLoad;
import org.jspecify.annotations.Nullable;

/**
 * One worker as operators see it, whether or not it is in the fleet.
 *
 * @param spec as far as it is known
 * @param reason why it takes no request, or null when it does
 * @param live operators' marks and the latest readings, or null while it is shadowed
 */
public record WorkerStatus(
    WorkerSpec spec,
    String publicId,
    WorkerState state,
    @Nullable String reason,
    int inFlight,
    Worker.@Nullable Live live) {

  /** The engine's own last report, or null. */
  public @Nullable WorkerLoad load() {
    return live == null ? null : live.load();
  }

  /** True when it finishes what it has: by an operator's will, its source's or its own. */
  public boolean draining() {
    return spec.drain()
        || (live != null
            && (live.drainedByOperator() || live.health().state() == WorkerHealth.State.DRAINING));
  }
}

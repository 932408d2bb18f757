package dev.headrace.router.dispatch;

import dev.headrace.router.fleet.Worker;
import dev.headrace.worker.Endpoint;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a worker from being chosen for a request, capacity aside: that is decided together
 * with the reservation. The choice and its explanation both ask here. Pure.
 */
final class Barrier {
  private Barrier() {}

  /** The reason, or null when there is none. */
  static @Nullable String of(Worker worker, Endpoint endpoint, Set<String> tried) {
    String unroutable = worker.unroutable();
    if (unroutable != null) {
      return unroutable;
    }
    String ejected = worker.outlier().barrier();
    if (ejected != null) {
      return ejected;
    }
    if (worker.engine().pathOf(endpoint) == null) {
      return "endpoint not served";
    }
    return tried.contains(worker.spec().key()) ? "tried already" : null;
  }
}

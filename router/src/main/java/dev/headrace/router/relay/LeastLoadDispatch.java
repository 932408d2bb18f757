package dev.headrace.router.relay;

import dev.headrace.router.balance.Lease;
import dev.headrace.router.balance.LeastLoadPicker;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.Worker;
import java.util.function.Consumer;

/**
 * Answers at once: the least loaded worker that is routable, serves the endpoint and was not tried,
 * or why there is none. Any thread.
 */
public final class LeastLoadDispatch implements Dispatch {
  /** A full fleet frees a place with each answer that ends: soon. */
  static final long RETRY_FULL_MILLIS = 1_000;

  /** Workers come back with a health check or a registration: a few seconds. */
  static final long RETRY_NONE_MILLIS = 3_000;

  private final LeastLoadPicker picker;

  public LeastLoadDispatch(LeastLoadPicker picker) {
    this.picker = picker;
  }

  @Override
  public Waiting ask(Wanted wanted, Consumer<Placement> answer) {
    Lease<Worker> lease =
        picker.pick(
            wanted.pool().workers(),
            worker ->
                worker.unroutable() == null
                    && worker.engine().pathOf(wanted.endpoint()) != null
                    && !wanted.excluded().contains(worker.spec().key()));
    answer.accept(lease == null ? why(wanted) : new Placed(lease));
    return Waiting.OVER;
  }

  private static NoPlace why(Wanted wanted) {
    String model = wanted.pool().model();
    boolean served = false;
    boolean routable = false;
    for (Worker worker : wanted.pool().workers()) {
      if (worker.engine().pathOf(wanted.endpoint()) != null) {
        served = true;
        routable |= worker.unroutable() == null;
      }
    }
    if (!served) {
      return new NoPlace(
          ErrorCode.UNSUPPORTED_ENDPOINT,
          "No worker that serves the model '" + model + "' has " + wanted.endpoint().path() + ".",
          -1);
    }
    if (!routable) {
      return new NoPlace(
          ErrorCode.NO_WORKER_AVAILABLE,
          "The model '" + model + "' is known, but none of its workers can take a request now.",
          RETRY_NONE_MILLIS);
    }
    return new NoPlace(
        ErrorCode.NO_CAPACITY,
        "All workers that serve the model '" + model + "' are full.",
        RETRY_FULL_MILLIS);
  }
}

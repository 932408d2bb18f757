package dev.headrace.router.fleet;

import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * Lets a bounded number of questions be under way; the others wait in order. Confined to the gate's
 * loop. The queue is bounded by its users: each worker waits here at most once.
 */
final class Throttle {
  private final LoopGate gate;
  private final int limit;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int running;

  Throttle(LoopGate gate, int limit) {
    this.gate = gate;
    this.limit = limit;
  }

  /** Asks when there is room. The question's outcome is somebody else's matter. */
  void submit(Supplier<Future<?>> question) {
    Runnable start =
        () -> {
          running++;
          question.get().onComplete(ignored -> gate.run(this::finished));
        };
    if (running < limit) {
      start.run();
    } else {
      waiting.add(start);
    }
  }

  private void finished() {
    running--;
    Runnable next = waiting.poll();
    if (next != null) {
      next.run();
    }
  }
}

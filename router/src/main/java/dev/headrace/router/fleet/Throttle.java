package dev.headrace.router.fleet;

import io.vertx.core.Future;
import io.vertx.core.Promise;
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
  private boolean starting;

  Throttle(LoopGate gate, int limit) {
    this.gate = gate;
    this.limit = limit;
  }

  /**
   * Asks when there is room.
   *
   * @param question one that throws has failed, and takes no room
   * @return its outcome, on any thread
   */
  <T> Future<T> submit(Supplier<Future<T>> question) {
    Promise<T> outcome = Promise.promise();
    waiting.add(() -> ask(question, outcome));
    start();
    return outcome.future();
  }

  private <T> void ask(Supplier<Future<T>> question, Promise<T> outcome) {
    Future<T> asked;
    try {
      asked = question.get();
    } catch (RuntimeException | LinkageError e) { // a class may be a file that cannot be opened
      asked = Future.failedFuture(e);
    }
    asked.onComplete(ignored -> gate.run(this::finished)).onComplete(outcome);
  }

  private void finished() {
    running--;
    start();
  }

  /** A loop and no recursion: questions may be answered before they return. */
  private void start() {
    if (starting) {
      return;
    }
    starting = true;
    while (running < limit && !waiting.isEmpty()) {
      running++;
      waiting.remove().run();
    }
    starting = false;
  }
}

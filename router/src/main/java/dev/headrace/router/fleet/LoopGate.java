package dev.headrace.router.fleet;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.Callable;

/**
 * Keeps a part of the fleet on one event loop: whatever thread calls, the work runs there. State
 * behind the gate needs no locks.
 */
final class LoopGate {
  private final Vertx vertx;
  private final Context context;

  /**
   * @param context an event-loop context, not a worker's
   */
  LoopGate(Vertx vertx, Context context) {
    this.vertx = vertx;
    this.context = context;
  }

  /** Runs the task now when this is the loop's own turn, else in its next one. */
  void run(Runnable task) {
    if (Vertx.currentContext() == context) {
      task.run();
    } else {
      context.runOnContext(ignored -> task.run());
    }
  }

  /** Runs the task in the loop's next turn. */
  void later(Runnable task) {
    context.runOnContext(ignored -> task.run());
  }

  /** Runs the task on the loop and gives its result. */
  <T> Future<T> call(Callable<T> task) {
    Promise<T> promise = Promise.promise();
    run(
        () -> {
          T result;
          try {
            result = task.call();
          } catch (Exception e) {
            promise.fail(e);
            return;
          }
          promise.complete(result);
        });
    return promise.future();
  }

  /** Runs the task on the loop and gives what its future gives. */
  <T> Future<T> compose(Callable<Future<T>> task) {
    return call(task).compose(inner -> inner);
  }

  /** Sets a timer that fires on the loop. Call it on the loop. */
  long timer(long millis, Runnable task) {
    return vertx.setTimer(millis, ignored -> run(task));
  }

  void cancel(long timer) {
    vertx.cancelTimer(timer);
  }
}

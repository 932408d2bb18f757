package dev.headrace.worker.agent;

import dev.headrace.worker.load.WorkerLoad;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Waits until the engine has finished what it had. Confined to its context.
 *
 * <p>Routers need a moment to see that the worker drains, and a reading may be older than a request
 * just sent; so the engine counts as idle when two readings in a row say so, neither of them within
 * {@link #SETTLE} of the beginning. An engine that does not tell its load is given all the time
 * there is.
 */
final class DrainWait {
  static final Duration SETTLE = Duration.ofSeconds(1);
  private static final Duration BETWEEN = Duration.ofMillis(250);
  private static final int IDLE_READINGS = 2;

  /** How the wait ended. */
  enum End {
    IDLE,
    DEADLINE
  }

  private final Context context;
  private final Supplier<Future<WorkerLoad>> load;
  private final LongSupplier nanos;
  private final long begun;
  private final long limit;
  private final Promise<End> end = Promise.promise();
  private int idle;

  DrainWait(
      Context context, Supplier<Future<WorkerLoad>> load, LongSupplier nanos, Duration limit) {
    this.context = context;
    this.load = load;
    this.nanos = nanos;
    this.begun = nanos.getAsLong();
    this.limit = limit.toNanos();
  }

  Future<End> start() {
    look();
    return end.future();
  }

  private void look() {
    long waited = nanos.getAsLong() - begun;
    if (waited >= limit) {
      end.tryComplete(End.DEADLINE);
      return;
    }
    load.get()
        .onComplete(
            result ->
                context.runOnContext(
                    v -> {
                      if (result.succeeded()) {
                        read(result.result(), waited);
                      } else {
                        idle = 0;
                      }
                      if (idle >= IDLE_READINGS) {
                        end.tryComplete(End.IDLE);
                      } else {
                        again();
                      }
                    }));
  }

  private void read(WorkerLoad reading, long waited) {
    boolean none = reading.known() && reading.running() <= 0 && reading.waiting() <= 0;
    idle = none && waited >= SETTLE.toNanos() ? idle + 1 : 0;
  }

  private void again() {
    long left = limit - (nanos.getAsLong() - begun);
    long pause = Math.max(1, Math.min(BETWEEN.toMillis(), left / 1_000_000 + 1));
    context.owner().setTimer(pause, id -> look());
  }
}

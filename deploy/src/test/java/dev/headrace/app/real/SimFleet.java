package dev.headrace.app.real;

import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Simulated engines in the test's own process. */
final class SimFleet implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();

  SimulatedWorker add(SimOptions options) {
    return await(SimulatedWorker.start(vertx, options));
  }

  /** Inference requests that the worker has taken in; health and load pages are not counted. */
  static long requests(SimulatedWorker worker) {
    return worker.stats().byEndpoint().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("POST "))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  @Override
  public void close() {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}

package dev.headrace.worker.agent;

import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.WorkerLoad;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** An engine that is as a test says. Any thread. */
final class FakeEngine implements EngineAccess {
  volatile boolean there = true;
  volatile WorkerHealth health = WorkerHealth.READY;
  volatile List<String> models = List.of("m");
  volatile int running;
  volatile boolean askable = true;
  final AtomicInteger healthAsked = new AtomicInteger();

  @Override
  public Future<WorkerProfile> describe() {
    return there && health.ready()
        ? Future.succeededFuture(
            new WorkerProfile("vllm", "1.0", models.stream().map(ServedModel::of).toList(), 8))
        : Future.failedFuture("connection refused");
  }

  @Override
  public Future<WorkerHealth> health(String engine) {
    healthAsked.incrementAndGet();
    return askable
        ? Future.succeededFuture(there ? health : WorkerHealth.down("connection refused"))
        : Future.failedFuture("too many open files");
  }

  @Override
  public Future<WorkerLoad> load(String engine) {
    return Future.succeededFuture(WorkerLoad.of(System.nanoTime(), running, 0, 0));
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}

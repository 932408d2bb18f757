package dev.headrace.worker.agent;

import dev.headrace.worker.Engine;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.engine.Engines;
import dev.headrace.worker.load.WorkerLoad;
import dev.headrace.worker.probe.EngineProbe;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/** The engine over HTTP, as every worker is asked. */
final class ProbedEngine implements EngineAccess {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final AgentOptions options;
  private final EngineProbe probe;

  ProbedEngine(Vertx vertx, AgentOptions options) {
    this.options = options;
    this.probe = new EngineProbe(vertx, PATIENCE);
  }

  @Override
  public Future<WorkerProfile> describe() {
    String engine = options.engine();
    return probe.describe(
        options.url(), engine == null ? null : Engines.byId(engine), options.apiKey());
  }

  @Override
  public Future<WorkerHealth> health(String engine) {
    return probe.health(options.url(), known(engine), options.apiKey());
  }

  @Override
  public Future<WorkerLoad> load(String engine) {
    return probe.load(options.url(), known(engine), options.apiKey());
  }

  @Override
  public Future<Void> close() {
    return probe.close();
  }

  private static Engine known(String id) {
    Engine engine = Engines.byId(id);
    if (engine == null) {
      throw new IllegalArgumentException("unknown engine " + id);
    }
    return engine;
  }
}

package dev.headrace.router.fleet;

import dev.headrace.worker.Engine;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.WorkerLoad;
import dev.headrace.worker.probe.EngineProbe;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Asks real workers, over HTTP. Any thread. */
public final class ProbeInquiry implements WorkerInquiry {
  private final EngineProbe probe;

  /**
   * @param probe stays the caller's, who closes it
   */
  public ProbeInquiry(EngineProbe probe) {
    this.probe = probe;
  }

  @Override
  public Future<WorkerProfile> describe(
      WorkerAddress address, @Nullable Engine known, @Nullable String apiKey) {
    return probe.describe(address, known, apiKey);
  }

  @Override
  public Future<WorkerHealth> health(
      WorkerAddress address, Engine engine, @Nullable String apiKey) {
    return probe.health(address, engine, apiKey);
  }

  @Override
  public Future<WorkerLoad> load(WorkerAddress address, Engine engine, @Nullable String apiKey) {
    return probe.load(address, engine, apiKey);
  }
}

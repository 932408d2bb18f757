package dev.headrace.router.fleet;

import dev.headrace.worker.Engine;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.WorkerLoad;
import dev.headrace.worker.probe.LocalFault;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** The questions that the fleet asks of a worker. Called on one event loop; answers on any. */
public interface WorkerInquiry {

  /**
   * Asks a worker what it is.
   *
   * @param known its engine, or null when that must be found out
   * @return fails with a message for a person when it does not answer or cannot be recognised
   */
  Future<WorkerProfile> describe(
      WorkerAddress address, @Nullable Engine known, @Nullable String apiKey);

  /**
   * Asks for its health; no answer is {@code DOWN}.
   *
   * @return fails when it could not be asked for a fault of the router's own, see {@link
   *     LocalFault}
   */
  Future<WorkerHealth> health(WorkerAddress address, Engine engine, @Nullable String apiKey);

  /**
   * Reads its load. Never fails: {@link WorkerLoad#known()} is false when nothing could be read.
   */
  Future<WorkerLoad> load(WorkerAddress address, Engine engine, @Nullable String apiKey);
}

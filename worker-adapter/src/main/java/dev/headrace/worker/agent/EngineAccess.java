package dev.headrace.worker.agent;

import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.load.WorkerLoad;
import io.vertx.core.Future;

/** The questions that the agent has for the engine beside it. */
interface EngineAccess {

  /** What it is; fails with a message for a person. */
  Future<WorkerProfile> describe();

  /**
   * Whether it takes requests; fails when it could not be asked for a fault of this process.
   *
   * @param engine the id that {@link #describe} found
   */
  Future<WorkerHealth> health(String engine);

  /** How busy it is. Never fails; the load may be unknown. */
  Future<WorkerLoad> load(String engine);

  Future<Void> close();
}

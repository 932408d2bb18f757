package dev.headrace.worker.agent;

import dev.headrace.worker.WorkerAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an agent is told. Null: found out by asking the engine.
 *
 * @param id the worker's name among all workers
 * @param url where the agent reaches the engine
 * @param advertised where routers reach it
 * @param engine the engine's id
 * @param models the names to register in place of those that the engine tells
 * @param maxConcurrency requests at once, in place of what the engine tells
 * @param weight relative capacity; 1 is usual
 * @param meta further facts for routers, such as {@code zone}
 * @param apiKey the engine's key
 * @param command the engine's command line when the agent owns its process
 * @param drainTimeout how long running requests may go on after a stop was asked for
 * @param stopTimeout how long an owned process may take to end before it is killed
 * @param interval between questions whether the engine answers
 * @param describeEvery between questions which models it serves
 */
public record AgentOptions(
    String id,
    WorkerAddress url,
    WorkerAddress advertised,
    @Nullable String engine,
    @Nullable List<String> models,
    @Nullable Integer maxConcurrency,
    double weight,
    Map<String, String> meta,
    @Nullable String apiKey,
    @Nullable List<String> command,
    Duration drainTimeout,
    Duration stopTimeout,
    Duration interval,
    Duration describeEvery) {

  public static final Duration INTERVAL = Duration.ofSeconds(1);
  public static final Duration DESCRIBE_EVERY = Duration.ofSeconds(10);
  public static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

  public AgentOptions {
    models = models == null ? null : List.copyOf(models);
    meta = Map.copyOf(meta);
    command = command == null ? null : List.copyOf(command);
  }

  /** Without the key and the command, which may hold one. */
  @Override
  public String toString() {
    return "AgentOptions[" + id + ", " + url + "]";
  }
}

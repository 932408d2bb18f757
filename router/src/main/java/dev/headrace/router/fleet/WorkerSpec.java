package dev.headrace.router.fleet;

import dev.headrace.router.config.Secret;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A worker as one source describes it. What is null the source does not know; the worker is asked
 * for it.
 *
 * @param source {@code static}, {@code embedded} or {@code consul}
 * @param id unique within its source
 * @param drain no new request; live streams finish
 * @param down the source itself says that the worker cannot take requests (a critical check, a
 *     missed heartbeat)
 * @param meta further facts, such as {@code zone} and {@code role}
 */
public record WorkerSpec(
    String source,
    String id,
    WorkerAddress address,
    @Nullable String engine,
    @Nullable List<ServedModel> models,
    @Nullable Integer maxConcurrency,
    double weight,
    boolean drain,
    boolean down,
    @Nullable Secret apiKey,
    Map<String, String> meta) {

  /** Key in {@link #meta()} of one line that says why the source calls it down or draining. */
  public static final String REASON = "reason";

  public WorkerSpec {
    models = models == null ? null : List.copyOf(models);
    meta = Map.copyOf(meta);
  }

  /** Identity over updates: counters are kept under this key. */
  public String key() {
    return source + "/" + id;
  }

  /** The same worker with what was found out about it. */
  WorkerSpec completed(
      String engine, List<ServedModel> models, @Nullable Integer maxConcurrency, double weight) {
    return new WorkerSpec(
        source, id, address, engine, models, maxConcurrency, weight, drain, down, apiKey, meta);
  }

  /** The same worker, draining. */
  WorkerSpec drained() {
    return new WorkerSpec(
        source, id, address, engine, models, maxConcurrency, weight, true, down, apiKey, meta);
  }
}

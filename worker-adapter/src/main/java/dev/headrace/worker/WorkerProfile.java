package dev.headrace.worker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker said of itself when it was asked.
 *
 * @param engine the engine's id, see {@link Engine#id()}
 * @param version the engine's own version text, or null
 * @param models the names that it serves, in its order
 * @param maxConcurrency requests that it runs at the same time (slots, batch size), or null when it
 *     does not tell
 */
public record WorkerProfile(
    String engine,
    @Nullable String version,
    List<ServedModel> models,
    @Nullable Integer maxConcurrency) {

  public WorkerProfile {
    models = List.copyOf(models);
  }

  /** The same with this version; null changes nothing. */
  public WorkerProfile withVersion(@Nullable String told) {
    return told == null ? this : new WorkerProfile(engine, told, models, maxConcurrency);
  }

  /** The same with this limit; null and less than one change nothing. */
  public WorkerProfile withMaxConcurrency(@Nullable Integer told) {
    return told == null || told < 1 ? this : new WorkerProfile(engine, version, models, told);
  }

  public WorkerProfile withModels(List<ServedModel> told) {
    return new WorkerProfile(engine, version, told, maxConcurrency);
  }

  public List<String> modelNames() {
    return models.stream().map(ServedModel::id).toList();
  }
}

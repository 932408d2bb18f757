package dev.headrace.router.fleet;

import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a worker registers itself. What is null is asked of the worker.
 *
 * @param id unique among registered workers; the same id again replaces the earlier registration
 * @param weight relative capacity, above 0
 */
public record Registration(
    String id,
    WorkerAddress address,
    @Nullable String engine,
    @Nullable List<ServedModel> models,
    @Nullable Integer maxConcurrency,
    double weight,
    Map<String, String> meta,
    Beat beat) {
  public Registration {
    models = models == null ? null : List.copyOf(models);
    meta = Map.copyOf(meta);
  }

  /** What a worker says of its own state. WARNING takes requests like PASSING. */
  public enum Status {
    PASSING,
    WARNING,
    CRITICAL,
    DRAINING
  }

  /**
   * One sign of life.
   *
   * @param reason one line for a person, or null
   * @param models what it serves now, or null: unchanged
   */
  public record Beat(Status status, @Nullable String reason, @Nullable List<ServedModel> models) {
    public static final Beat PASSING = new Beat(Status.PASSING, null, null);

    public Beat {
      models = models == null ? null : List.copyOf(models);
    }
  }
}

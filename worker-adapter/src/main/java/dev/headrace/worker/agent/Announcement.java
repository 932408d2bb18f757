package dev.headrace.worker.agent;

import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that routers are told of the worker.
 *
 * @param maxConcurrency requests at once, or null when nobody knows
 * @param meta further facts, such as {@code zone}
 * @param reason one line for a person on why the status is not passing; else empty
 */
public record Announcement(
    String id,
    WorkerAddress address,
    String engine,
    @Nullable String version,
    List<ServedModel> models,
    @Nullable Integer maxConcurrency,
    double weight,
    Map<String, String> meta,
    Status status,
    String reason) {

  /** PASSING takes requests; CRITICAL takes none; DRAINING takes none and finishes what it has. */
  public enum Status {
    PASSING,
    CRITICAL,
    DRAINING
  }

  public Announcement {
    models = List.copyOf(models);
    meta = Map.copyOf(meta);
  }

  Announcement with(Status newStatus, String newReason) {
    return new Announcement(
        id, address, engine, version, models, maxConcurrency, weight, meta, newStatus, newReason);
  }

  /** True when only status and reason may differ, so that a heartbeat tells all. */
  boolean describesTheSameAs(Announcement other) {
    return with(other.status, other.reason).equals(other);
  }
}

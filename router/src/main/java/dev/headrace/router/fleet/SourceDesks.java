package dev.headrace.router.fleet;

import dev.headrace.worker.WorkerProfile;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The desks of all sources, in their order. Changed on the directory's loop only; {@link #statuses}
 * and {@link #unheard} may be called on any thread.
 */
final class SourceDesks {
  private final Map<String, SourceDesk> byName = new LinkedHashMap<>();

  SourceDesks(List<FleetSource> sources, LongSupplier clock, InstantSource wall) {
    for (FleetSource source : sources) {
      byName.put(source.name(), new SourceDesk(source, clock, wall));
    }
  }

  Collection<SourceDesk> all() {
    return Collections.unmodifiableCollection(byName.values());
  }

  /** The desk of the source that reported the worker. */
  SourceDesk of(WorkerSpec spec) {
    SourceDesk desk = byName.get(spec.source());
    if (desk == null) {
      throw new IllegalStateException(
          "a source reported a worker of another source: " + spec.key());
    }
    return desk;
  }

  List<List<WorkerSpec>> lists() {
    return byName.values().stream().map(SourceDesk::list).toList();
  }

  List<SourceStatus> statuses() {
    return byName.values().stream().map(SourceDesk::status).toList();
  }

  /**
   * A source of which nothing is known, neither from itself nor from disk; null when none is so.
   */
  @Nullable String unheard() {
    return statuses().stream()
        .filter(source -> !source.reported() && !source.fromDisk())
        .map(SourceStatus::name)
        .findFirst()
        .orElse(null);
  }

  /** Takes note of what an earlier process knew. */
  void remember(Map<String, LastKnownFleet.Source> known) {
    known.forEach(
        (name, source) -> {
          SourceDesk desk = byName.get(name);
          if (desk != null) {
            desk.remember(source);
          }
        });
  }

  /**
   * What is known of the sources now.
   *
   * @param told what a worker has told of itself
   */
  Map<String, LastKnownFleet.Source> lastKnown(Function<WorkerSpec, @Nullable WorkerProfile> told) {
    Map<String, LastKnownFleet.Source> known = new HashMap<>();
    byName.forEach(
        (name, desk) -> {
          Instant confirmed = desk.confirmedAt();
          if (confirmed != null) {
            known.put(
                name,
                new LastKnownFleet.Source(
                    confirmed,
                    desk.list().stream()
                        .map(spec -> new LastKnownFleet.Remembered(spec, told.apply(spec)))
                        .toList()));
          }
        });
    return known;
  }
}

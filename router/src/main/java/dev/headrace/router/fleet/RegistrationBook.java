package dev.headrace.router.fleet;

import dev.headrace.router.fleet.Registration.Beat;
import dev.headrace.router.fleet.Registration.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who has registered, and when each was heard of last. Pure but for the clock; confined to one
 * thread.
 *
 * <p>A worker that was silent for one ttl is down; after ten it is removed.
 */
final class RegistrationBook {
  /** Registrations held at once; a bound on memory, far above any real fleet. */
  static final int CAPACITY = 10_000;

  private static final int TTLS_UNTIL_REMOVAL = 10;

  private static final class Row {
    WorkerSpec spec;
    Beat beat;
    long heardAt;

    Row(WorkerSpec spec, Beat beat, long heardAt) {
      this.spec = spec;
      this.beat = beat;
      this.heardAt = heardAt;
    }
  }

  private final long ttlNanos;
  private final LongSupplier clock;
  private final Map<String, Row> rows = new TreeMap<>();

  RegistrationBook(Duration ttl, LongSupplier clock) {
    this.ttlNanos = ttl.toNanos();
    this.clock = clock;
  }

  /**
   * @return true when it replaced an earlier registration
   * @throws IllegalStateException when the book is full
   */
  boolean register(WorkerSpec spec, Beat beat) {
    if (rows.size() >= CAPACITY && !rows.containsKey(spec.id())) {
      throw new IllegalStateException("more than " + CAPACITY + " workers are registered");
    }
    return rows.put(spec.id(), new Row(spec, beat, clock.getAsLong())) != null;
  }

  /** Returns false when nobody of that id is registered. */
  boolean heartbeat(String id, Beat beat) {
    Row row = rows.get(id);
    if (row == null) {
      return false;
    }
    row.heardAt = clock.getAsLong();
    row.beat = beat;
    if (beat.models() != null) {
      WorkerSpec spec = row.spec;
      row.spec =
          new WorkerSpec(
              spec.source(),
              spec.id(),
              spec.address(),
              spec.engine(),
              beat.models(),
              spec.maxConcurrency(),
              spec.weight(),
              false,
              false,
              null,
              spec.meta());
    }
    return true;
  }

  boolean deregister(String id) {
    return rows.remove(id) != null;
  }

  /** The list as of now; workers that were silent for too long are gone from the book. */
  List<WorkerSpec> specs() {
    long now = clock.getAsLong();
    rows.values().removeIf(row -> now - row.heardAt > TTLS_UNTIL_REMOVAL * ttlNanos);
    List<WorkerSpec> specs = new ArrayList<>(rows.size());
    for (Row row : rows.values()) {
      boolean silent = now - row.heardAt > ttlNanos;
      specs.add(spec(row, silent));
    }
    return specs;
  }

  private static WorkerSpec spec(Row row, boolean silent) {
    WorkerSpec spec = row.spec;
    boolean drain = row.beat.status() == Status.DRAINING;
    boolean down = silent || row.beat.status() == Status.CRITICAL;
    String reason = silent ? "no heartbeat" : drain || down ? row.beat.reason() : null;
    return new WorkerSpec(
        spec.source(),
        spec.id(),
        spec.address(),
        spec.engine(),
        spec.models(),
        spec.maxConcurrency(),
        spec.weight(),
        drain,
        down,
        null,
        withReason(spec.meta(), reason));
  }

  private static Map<String, String> withReason(Map<String, String> meta, @Nullable String reason) {
    Map<String, String> all = new HashMap<>(meta);
    if (reason == null) {
      all.remove(WorkerSpec.REASON);
    } else {
      all.put(WorkerSpec.REASON, reason);
    }
    return all;
  }
}

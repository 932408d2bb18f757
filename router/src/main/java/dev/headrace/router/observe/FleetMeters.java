package dev.headrace.router.observe;

import dev.headrace.router.fleet.FleetDirectory;
import dev.headrace.router.fleet.FleetSnapshot;
import dev.headrace.router.fleet.HealthMonitor;
import dev.headrace.router.fleet.SourceStatus;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.fleet.WorkerState;
import dev.headrace.worker.WorkerHealth.State;
import dev.headrace.worker.load.WorkerLoad;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Meters of the fleet: states, sources, and one set of gauges for each worker, labelled with its
 * key and removed when it leaves. Gauges are read on the scraping thread; sets of gauges change on
 * the directory's loop.
 */
public final class FleetMeters {
  private static final double NANOS = 1e9;

  private record Watched(Worker worker, List<Meter> meters) {}

  private final MeterRegistry registry;
  private final FleetDirectory fleet;
  private final LongSupplier clock;
  private final Map<String, Watched> workers = new HashMap<>();
  private final Map<State, Counter> transitions = new HashMap<>();

  /**
   * @param clock monotonic nanoseconds, on the scale of {@link WorkerLoad#readAtNanos}
   */
  public FleetMeters(
      MeterRegistry registry, FleetDirectory fleet, HealthMonitor health, LongSupplier clock) {
    this.registry = registry;
    this.fleet = fleet;
    this.clock = clock;
    watchFleet();
    for (State state : State.values()) {
      transitions.put(
          state,
          Counter.builder("headrace.worker.transitions")
              .description("Changes of a worker's checked health, by what it became")
              .tag("to", state.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    health.onTransition((worker, before, after) -> count(after));
    fleet.onChange(this::follow);
  }

  private void count(State after) {
    Counter counter = transitions.get(after);
    if (counter != null) {
      counter.increment();
    }
  }

  private void watchFleet() {
    for (WorkerState state : WorkerState.values()) {
      Gauge.builder("headrace.workers", fleet, directory -> in(state))
          .description("Workers by state")
          .tag("state", state.label())
          .strongReference(true)
          .register(registry);
    }
    gauge("headrace.models", "Models that workers serve", f -> f.current().pools().size());
    gauge(
        "headrace.fleet.version",
        "Grows with each change of the fleet",
        f -> f.current().version());
    for (SourceStatus source : fleet.sources()) {
      String name = source.name();
      Gauge.builder(
              "headrace.fleet.source.age",
              fleet,
              f -> {
                SourceStatus now = status(name);
                return now == null || now.ageNanos() < 0 ? Double.NaN : now.ageNanos() / NANOS;
              })
          .description("Since the source's list was last known to be right")
          .baseUnit("seconds")
          .tag("source", name)
          .strongReference(true)
          .register(registry);
      Gauge.builder(
              "headrace.fleet.source.from.disk",
              fleet,
              f -> {
                SourceStatus now = status(name);
                return now != null && now.fromDisk() ? 1 : 0;
              })
          .description("1 while the workers of the last run stand for the source's list")
          .tag("source", name)
          .strongReference(true)
          .register(registry);
    }
  }

  private void gauge(String name, String description, ToDoubleFunction<FleetDirectory> value) {
    Gauge.builder(name, fleet, value)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private double in(WorkerState state) {
    return switch (state) {
      case UNRESOLVED -> fleet.aside().unresolved();
      case SHADOWED -> fleet.aside().shadowed();
      default ->
          fleet.current().workers().values().stream()
              .filter(worker -> WorkerState.of(worker) == state)
              .count();
    };
  }

  private @Nullable SourceStatus status(String name) {
    return fleet.sources().stream()
        .filter(source -> source.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  private void follow(FleetSnapshot snapshot) {
    workers
        .entrySet()
        .removeIf(
            entry -> {
              Worker now = snapshot.workers().get(entry.getKey());
              Watched watched = entry.getValue();
              if (now != null && now.live() == watched.worker().live()) {
                return false;
              }
              watched.meters().forEach(registry::remove);
              return true;
            });
    snapshot.workers().forEach((key, worker) -> workers.computeIfAbsent(key, k -> watch(worker)));
  }

  /** A successor shares ledger and live state, so the gauges stay right over updates. */
  private Watched watch(Worker worker) {
    List<Meter> meters = new ArrayList<>();
    meters.add(
        gauge(
            worker,
            "headrace.worker.in.flight",
            "Requests that this router has on the worker",
            w -> w.ledger().inFlight()));
    meters.add(
        gauge(
            worker,
            "headrace.worker.running",
            "Requests that the engine says it computes",
            load(load -> count(load.running()))));
    meters.add(
        gauge(
            worker,
            "headrace.worker.waiting",
            "Requests that the engine says wait in it",
            load(load -> count(load.waiting()))));
    meters.add(
        gauge(
            worker,
            "headrace.worker.kv.usage",
            "Share of the KV cache that the engine says is in use",
            load(WorkerLoad::kvUsage)));
    meters.add(
        gauge(
            worker,
            "headrace.worker.load.age.seconds",
            "Since the engine's own report was read",
            load(load -> (clock.getAsLong() - load.readAtNanos()) / NANOS)));
    meters.add(
        gauge(
            worker,
            "headrace.worker.drift.requests",
            "Requests that the engine reported beyond (or short of) those that this router had on"
                + " it",
            w -> w.live().drift()));
    return new Watched(worker, List.copyOf(meters));
  }

  private Meter gauge(
      Worker worker, String name, String description, ToDoubleFunction<Worker> value) {
    return Gauge.builder(name, worker, value)
        .description(description)
        .tag("worker", worker.spec().key())
        .strongReference(true)
        .register(registry);
  }

  private static ToDoubleFunction<Worker> load(ToDoubleFunction<WorkerLoad> value) {
    return worker -> {
      WorkerLoad load = worker.live().load();
      return load == null ? Double.NaN : value.applyAsDouble(load);
    };
  }

  private static double count(int reported) {
    return reported == WorkerLoad.UNKNOWN ? Double.NaN : reported;
  }
}

package dev.headrace.router.fleet;

import dev.headrace.router.balance.ModelMeans;
import dev.headrace.router.balance.WorkerLedger;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The workers that the sources report, with what is known of each: who comes is asked, who stays
 * keeps its ledger and live state. Who leaves and returns gets its ledger back while leases are
 * open on it, and operators' marks. Confined to the directory's event loop.
 */
final class WorkerRoster {
  private final Map<String, WorkerEntry> entries = new TreeMap<>();
  private final Map<String, WorkerLedger> retired = new HashMap<>();
  private final Map<String, WorkerProfile> remembered = new HashMap<>();
  private final OperatorMarks marks = new OperatorMarks();
  private final ModelMeans means = new ModelMeans();
  private final WorkerInterviews interviews;
  private final EngineCatalog engines;
  private final LongSupplier clock;

  /**
   * @param clock monotonic nanoseconds
   */
  WorkerRoster(WorkerInterviews interviews, EngineCatalog engines, LongSupplier clock) {
    this.interviews = interviews;
    this.engines = engines;
    this.clock = clock;
  }

  /** What a worker told an earlier run of the router: it counts until it answers anew. */
  void remember(WorkerSpec spec, WorkerProfile told) {
    remembered.put(memory(spec), told);
  }

  /** Takes these workers, by key, and lets all others go. */
  void settle(
      Map<String, WorkerSpec> workers, Function<WorkerSpec, SourceDesk> deskOf, PublicIds ids) {
    retired.values().removeIf(ledger -> ledger.inFlight() == 0);
    entries
        .values()
        .removeIf(
            entry -> {
              if (workers.containsKey(entry.spec().key())) {
                return false;
              }
              retire(entry, deskOf.apply(entry.spec()));
              return true;
            });
    workers.forEach((key, spec) -> enter(key, spec, deskOf.apply(spec), ids));
  }

  private void retire(WorkerEntry entry, SourceDesk desk) {
    String key = entry.spec().key();
    interviews.forget(entry);
    desk.left(key);
    marks.left(key, entry.live(), clock.getAsLong());
    if (entry.ledger().inFlight() > 0) {
      retired.put(key, entry.ledger());
    }
  }

  private void enter(String key, WorkerSpec spec, SourceDesk desk, PublicIds ids) {
    WorkerEntry known = entries.get(key);
    if (known != null) {
      if (!known.spec().equals(spec) && known.update(spec, desk.source().watchesHealth())) {
        interviews.ask(known);
      }
      return;
    }
    WorkerLedger kept = retired.remove(key);
    WorkerEntry entry =
        new WorkerEntry(
            spec,
            kept == null ? new WorkerLedger(key, Integer.MAX_VALUE, means, clock) : kept,
            desk.vouchesFor(spec) ? WorkerHealth.READY : WorkerEntry.UNCHECKED,
            ids.of(key));
    marks.came(key, entry.live(), clock.getAsLong());
    WorkerProfile told = remembered.remove(memory(spec));
    if (told != null) {
      entry.answered(told);
    }
    entries.put(key, entry);
    interviews.ask(entry);
  }

  /** Asks a worker again what it is. */
  void askAgain(String key) {
    WorkerEntry entry = entries.get(key);
    if (entry != null) {
      interviews.ask(entry);
    }
  }

  /** Forgets what is held under other models. */
  void keepOnly(Set<String> models) {
    retired.values().removeIf(ledger -> ledger.inFlight() == 0);
    means.keepOnly(models);
    for (WorkerEntry entry : entries.values()) {
      entry.ledger().keepOnly(models);
      entry.live().keepOnly(models);
    }
  }

  /** A worker that is reported, or null. */
  @Nullable WorkerEntry find(String key) {
    return entries.get(key);
  }

  /** Ends all questions. */
  void hush() {
    entries.values().forEach(interviews::forget);
  }

  int size() {
    return entries.size();
  }

  /** Those of which enough is known to send them requests, ordered by key. */
  List<Worker> resolved() {
    List<Worker> workers = new ArrayList<>();
    for (WorkerEntry entry : entries.values()) {
      Worker worker = entry.describe(engines);
      if (worker != null) {
        workers.add(worker);
      }
    }
    return workers;
  }

  /** All of them, ordered by key. */
  List<WorkerStatus> statuses() {
    return entries.values().stream().map(this::status).toList();
  }

  private WorkerStatus status(WorkerEntry entry) {
    Worker worker = entry.describe(engines);
    if (worker == null) {
      return new WorkerStatus(
          entry.spec(),
          entry.publicId(),
          WorkerState.UNRESOLVED,
          Objects.requireNonNullElse(entry.problem(), "it has not answered yet"),
          entry.ledger().inFlight(),
          entry.live());
    }
    return new WorkerStatus(
        worker.spec(),
        entry.publicId(),
        WorkerState.of(worker),
        worker.unroutable(),
        entry.ledger().inFlight(),
        entry.live());
  }

  /** What a worker told of itself, or null. */
  @Nullable WorkerProfile told(WorkerSpec spec) {
    WorkerEntry entry = entries.get(spec.key());
    return entry == null ? null : entry.profile();
  }

  private static String memory(WorkerSpec spec) {
    return spec.key() + ' ' + spec.address().url();
  }
}

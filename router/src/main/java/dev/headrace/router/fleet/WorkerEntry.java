package dev.headrace.router.fleet;

import dev.headrace.router.balance.WorkerLedger;
import dev.headrace.worker.Engine;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the directory remembers of one worker over updates: what its source says, what it said
 * itself, and the counters that must survive. Confined to the directory's loop.
 */
final class WorkerEntry {
  /** Health of a worker that nobody has vouched for yet. */
  static final WorkerHealth UNCHECKED = WorkerHealth.loading("not checked yet");

  private final WorkerLedger ledger;
  private final Worker.Live live;
  private final String publicId;
  private WorkerSpec spec;
  private @Nullable WorkerProfile profile;
  private @Nullable String problem;
  private @Nullable Worker worker;
  private int identity;

  WorkerEntry(WorkerSpec spec, WorkerLedger ledger, WorkerHealth health, String publicId) {
    this.spec = spec;
    this.ledger = ledger;
    this.live = new Worker.Live(health);
    this.publicId = publicId;
  }

  WorkerSpec spec() {
    return spec;
  }

  WorkerLedger ledger() {
    return ledger;
  }

  Worker.Live live() {
    return live;
  }

  String publicId() {
    return publicId;
  }

  @Nullable WorkerProfile profile() {
    return profile;
  }

  /** Why it is not in the fleet yet, or null. */
  @Nullable String problem() {
    return problem;
  }

  void problem(@Nullable String problem) {
    this.problem = problem;
  }

  /** Grows when another process may stand behind the same key: older answers no longer count. */
  int identity() {
    return identity;
  }

  /**
   * Takes what the source says now.
   *
   * @param watched the source watches health itself
   * @return true when the worker has to be asked again
   */
  boolean update(WorkerSpec next, boolean watched) {
    WorkerSpec before = spec;
    spec = next;
    boolean moved =
        !next.address().equals(before.address()) || !Objects.equals(next.engine(), before.engine());
    if (moved) {
      identity++;
      profile = null;
      live.pardon();
      live.health(watched ? WorkerHealth.READY : UNCHECKED);
    } else if (watched && before.down() && !next.down()) {
      live.health(WorkerHealth.READY);
    }
    return moved || !Objects.equals(next.apiKey(), before.apiKey());
  }

  void answered(WorkerProfile answer) {
    profile = answer;
  }

  /** True when the source leaves something open that the worker itself may tell. */
  boolean hasQuestions() {
    return spec.engine() == null || spec.models() == null || spec.maxConcurrency() == null;
  }

  /** The engine's id, from the source or from the worker, or null when nobody has told it. */
  @Nullable String engineId() {
    String named = spec.engine();
    return named != null || profile == null ? named : profile.engine();
  }

  /**
   * The worker's description when it is complete, or null. The same object as long as nothing
   * changes.
   */
  @Nullable Worker describe(EngineCatalog engines) {
    String engineId = engineId();
    Engine engine = engineId == null ? null : engines.byId(engineId);
    List<ServedModel> models = models();
    if (engine == null || models.isEmpty()) {
      worker = null;
      return null;
    }
    WorkerSpec complete = spec.completed(engine.id(), models, limit(), weight());
    ledger.update(
        complete.maxConcurrency() == null ? Integer.MAX_VALUE : complete.maxConcurrency());
    if (worker == null || !worker.spec().equals(complete)) {
      worker = new Worker(complete, engine, publicId, ledger, live);
    }
    return worker;
  }

  /** The source's names come first; the worker adds what it knows of the very same names. */
  private List<ServedModel> models() {
    List<ServedModel> asked = profile == null ? List.of() : profile.models();
    Map<String, ServedModel> known = new LinkedHashMap<>();
    asked.forEach(model -> known.putIfAbsent(model.id(), model));
    List<ServedModel> named = spec.models();
    if (named == null) {
      return List.copyOf(known.values());
    }
    Map<String, ServedModel> models = new LinkedHashMap<>();
    for (ServedModel model : named) {
      ServedModel told = known.get(model.id());
      models.putIfAbsent(
          model.id(),
          told == null
              ? model
              : new ServedModel(
                  model.id(),
                  model.parent() == null ? told.parent() : model.parent(),
                  model.maxModelLen() == null ? told.maxModelLen() : model.maxModelLen()));
    }
    return List.copyOf(models.values());
  }

  private @Nullable Integer limit() {
    Integer limit = spec.maxConcurrency();
    if (limit == null && profile != null) {
      limit = profile.maxConcurrency();
    }
    return limit == null || limit < 1 ? null : limit;
  }

  private double weight() {
    double weight = spec.weight();
    return weight > 0 && !Double.isInfinite(weight) ? weight : 1;
  }
}

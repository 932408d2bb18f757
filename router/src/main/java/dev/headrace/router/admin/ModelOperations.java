package dev.headrace.router.admin;

import dev.headrace.router.admin.Operation.Reply;
import dev.headrace.router.fleet.FleetSnapshot;
import dev.headrace.router.fleet.FleetView;
import dev.headrace.router.fleet.ModelSettings;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.fleet.WorkerState;
import dev.headrace.worker.ServedModel;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The models that the fleet serves, with the settings that hold for them now. */
final class ModelOperations {
  private final FleetView fleet;

  ModelOperations(FleetView fleet) {
    this.fleet = fleet;
  }

  List<Operation> all() {
    return List.of(
        Operation.get(
            "/admin/v1/models",
            "listModels",
            "Models, their workers and settings",
            "Models",
            context -> Future.succeededFuture(Reply.json(200, list(fleet.current())))));
  }

  private static JsonObject list(FleetSnapshot snapshot) {
    Map<String, List<String>> names = new TreeMap<>();
    snapshot
        .aliases()
        .forEach((alias, model) -> names.computeIfAbsent(model, m -> new ArrayList<>()).add(alias));
    JsonArray models = new JsonArray();
    new TreeMap<>(snapshot.pools())
        .forEach(
            (model, pool) ->
                models.add(
                    model(
                        pool,
                        names.getOrDefault(model, List.of()),
                        snapshot.settings().get(model))));
    JsonObject aliases = new JsonObject();
    new TreeMap<>(snapshot.aliases()).forEach(aliases::put);
    return new JsonObject()
        .put("models", models)
        .put("aliases", aliases)
        .put("snapshot_version", snapshot.version());
  }

  private static JsonObject model(
      Pool pool, List<String> aliases, @Nullable ModelSettings settings) {
    JsonArray workers = new JsonArray();
    int routable = 0;
    for (Worker worker : pool.workers()) {
      WorkerState state = WorkerState.of(worker);
      routable += state == WorkerState.ROUTABLE ? 1 : 0;
      workers.add(
          new JsonObject()
              .put("id", worker.spec().id())
              .put("key", worker.spec().key())
              .put("public_id", worker.publicId())
              .put("engine", worker.engine().id())
              .put("status", state.label())
              .put("weight", worker.weight()));
    }
    return new JsonObject()
        .put("id", pool.model())
        .put("aliases", new JsonArray(aliases.stream().sorted().toList()))
        .put("parent", parent(pool))
        .put("max_model_len", maxModelLen(pool))
        .put("routable", routable)
        .put("workers", workers)
        .put("settings", settings == null ? null : settings(settings));
  }

  private static JsonObject settings(ModelSettings settings) {
    JsonObject weights = new JsonObject();
    new TreeMap<>(settings.weights()).forEach(weights::put);
    return new JsonObject()
        .put("first_token_timeout_ms", settings.firstTokenTimeout().toMillis())
        .put("idle_timeout_ms", settings.idleTimeout().toMillis())
        .put("total_timeout_ms", settings.totalTimeout().toMillis())
        .put("policy", settings.policy())
        .put("weights", weights)
        .put("max_queue", settings.admission().maxQueue())
        .put("max_wait_ms", settings.admission().maxWait().toMillis())
        .put("order", settings.admission().order().label());
  }

  /** The shortest context of its workers: what a client can count on. */
  private static @Nullable Integer maxModelLen(Pool pool) {
    return served(pool).stream()
        .map(ServedModel::maxModelLen)
        .filter(Objects::nonNull)
        .min(Integer::compare)
        .orElse(null);
  }

  private static @Nullable String parent(Pool pool) {
    return served(pool).stream()
        .map(ServedModel::parent)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static List<ServedModel> served(Pool pool) {
    List<ServedModel> all = new ArrayList<>();
    for (Worker worker : pool.workers()) {
      List<ServedModel> models = worker.spec().models();
      if (models != null) {
        models.stream().filter(model -> model.id().equals(pool.model())).forEach(all::add);
      }
    }
    return all;
  }
}

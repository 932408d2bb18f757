package dev.headrace.router.http;

import dev.headrace.router.fleet.FleetSnapshot;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.worker.ServedModel;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The model list: the union over the fleet, aliases included, in the form of OpenAI's API. Pure.
 */
final class ModelList {
  private final long createdSeconds;

  ModelList(long createdSeconds) {
    this.createdSeconds = createdSeconds;
  }

  JsonObject all(FleetSnapshot fleet) {
    Map<String, JsonObject> sorted = new TreeMap<>();
    fleet.pools().forEach((name, pool) -> sorted.put(name, card(name, pool)));
    fleet
        .aliases()
        .forEach(
            (alias, target) -> {
              JsonObject card = one(fleet, alias);
              if (card != null) {
                sorted.putIfAbsent(alias, card);
              }
            });
    return new JsonObject()
        .put("object", "list")
        .put("data", new JsonArray(List.copyOf(sorted.values())));
  }

  /** One model's card, or null when nobody serves it. */
  @Nullable JsonObject one(FleetSnapshot fleet, String name) {
    Pool pool = fleet.resolve(name);
    if (pool == null) {
      return null;
    }
    JsonObject card = card(name, pool);
    return pool.model().equals(name) ? card : card.put("alias_of", pool.model());
  }

  private JsonObject card(String name, Pool pool) {
    TreeSet<String> engines = new TreeSet<>();
    Integer length = null;
    String parent = null;
    int routable = 0;
    for (Worker worker : pool.workers()) {
      engines.add(worker.engine().id());
      if (worker.unroutable() == null) {
        routable++;
      }
      List<ServedModel> models = worker.spec().models();
      for (ServedModel model : models == null ? List.<ServedModel>of() : models) {
        if (model.id().equals(pool.model())) {
          Integer told = model.maxModelLen();
          // A request may land on any of them: what all can take.
          if (told != null && (length == null || told < length)) {
            length = told;
          }
          parent = parent == null ? model.parent() : parent;
        }
      }
    }
    return new JsonObject()
        .put("id", name)
        .put("object", "model")
        .put("created", createdSeconds)
        .put("owned_by", "headrace")
        .put("parent", parent)
        .put("max_model_len", length)
        .put("engine", String.join(",", engines))
        .put("workers", pool.workers().size())
        .put("workers_ready", routable);
  }
}

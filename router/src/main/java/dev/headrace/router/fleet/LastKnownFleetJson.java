package dev.headrace.router.fleet;

import dev.headrace.router.admission.Order;
import dev.headrace.router.balance.Policies;
import dev.headrace.router.config.AdmissionOverrides;
import dev.headrace.router.fleet.LastKnownFleet.Remembered;
import dev.headrace.router.fleet.LastKnownFleet.Source;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerProfile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state file's form. Pure. API keys are never written; that a worker was down is not either,
 * because the next process finds that out by itself.
 */
final class LastKnownFleetJson {
  private static final int FORMAT = 1;

  /** JSON that is not a state file of this form; the message says why. */
  static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreadable(String message) {
      super(message);
    }
  }

  private LastKnownFleetJson() {}

  static JsonObject write(LastKnownFleet fleet) {
    JsonObject sources = new JsonObject();
    new TreeMap<>(fleet.sources())
        .forEach(
            (name, source) -> {
              JsonArray workers = new JsonArray();
              source.workers().forEach(worker -> workers.add(worker(worker)));
              sources.put(
                  name,
                  new JsonObject()
                      .put("confirmed_at", source.confirmedAt().toString())
                      .put("workers", workers));
            });
    JsonObject settings = new JsonObject();
    new TreeMap<>(fleet.settings()).forEach((model, patch) -> settings.put(model, patch(patch)));
    return new JsonObject()
        .put("format", FORMAT)
        .put("salt", fleet.salt())
        .put("sources", sources)
        .put("settings", settings);
  }

  /**
   * @throws Unreadable when it is another kind of file
   * @throws RuntimeException of other kinds when the content is not what {@link #write} gave
   */
  static LastKnownFleet read(JsonObject json) {
    if (json.getInteger("format", 0) != FORMAT) {
      throw new Unreadable("it is not of format " + FORMAT);
    }
    String salt = json.getString("salt");
    if (salt == null || salt.isEmpty()) {
      throw new Unreadable("it has no salt");
    }
    Map<String, Source> sources = new HashMap<>();
    JsonObject lists = json.getJsonObject("sources", new JsonObject());
    for (String name : lists.fieldNames()) {
      JsonObject source = lists.getJsonObject(name);
      List<Remembered> workers = new ArrayList<>();
      JsonArray rows = source.getJsonArray("workers", new JsonArray());
      for (int i = 0; i < rows.size(); i++) {
        workers.add(worker(name, rows.getJsonObject(i)));
      }
      sources.put(name, new Source(Instant.parse(source.getString("confirmed_at")), workers));
    }
    Map<String, ModelSettingsPatch> settings = new HashMap<>();
    JsonObject patches = json.getJsonObject("settings", new JsonObject());
    for (String model : patches.fieldNames()) {
      settings.put(model, patch(patches.getJsonObject(model)));
    }
    return new LastKnownFleet(salt, sources, settings);
  }

  private static JsonObject worker(Remembered worker) {
    WorkerSpec spec = worker.spec();
    JsonObject json = new JsonObject().put("id", spec.id()).put("url", spec.address().url());
    putUnlessNull(json, "engine", spec.engine());
    putUnlessNull(json, "models", models(spec.models()));
    putUnlessNull(json, "max_concurrency", spec.maxConcurrency());
    json.put("weight", spec.weight());
    if (spec.drain()) {
      json.put("drain", true);
    }
    JsonObject meta = new JsonObject();
    new TreeMap<>(spec.meta()).forEach(meta::put);
    json.put("meta", meta);
    WorkerProfile told = worker.told();
    if (told != null) {
      JsonObject answer = new JsonObject().put("engine", told.engine());
      putUnlessNull(answer, "version", told.version());
      answer.put("models", models(told.models()));
      putUnlessNull(answer, "max_concurrency", told.maxConcurrency());
      json.put("told", answer);
    }
    return json;
  }

  private static Remembered worker(String source, JsonObject json) {
    Map<String, String> meta = new HashMap<>();
    JsonObject facts = json.getJsonObject("meta", new JsonObject());
    facts.fieldNames().forEach(key -> meta.put(key, facts.getString(key)));
    WorkerSpec spec =
        new WorkerSpec(
            source,
            json.getString("id"),
            WorkerAddress.parse(json.getString("url")),
            json.getString("engine"),
            models(json.getJsonArray("models")),
            json.getInteger("max_concurrency"),
            json.getDouble("weight", 1.0),
            json.getBoolean("drain", false),
            false,
            null,
            meta);
    JsonObject told = json.getJsonObject("told");
    List<ServedModel> models = told == null ? null : models(told.getJsonArray("models"));
    return new Remembered(
        spec,
        told == null || models == null
            ? null
            : new WorkerProfile(
                told.getString("engine"),
                told.getString("version"),
                models,
                told.getInteger("max_concurrency")));
  }

  private static @Nullable JsonArray models(@Nullable List<ServedModel> models) {
    if (models == null) {
      return null;
    }
    JsonArray array = new JsonArray();
    for (ServedModel model : models) {
      JsonObject json = new JsonObject().put("id", model.id());
      putUnlessNull(json, "parent", model.parent());
      putUnlessNull(json, "max_model_len", model.maxModelLen());
      array.add(json);
    }
    return array;
  }

  private static @Nullable List<ServedModel> models(@Nullable JsonArray array) {
    if (array == null) {
      return null;
    }
    List<ServedModel> models = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      JsonObject json = array.getJsonObject(i);
      models.add(
          new ServedModel(
              json.getString("id"), json.getString("parent"), json.getInteger("max_model_len")));
    }
    return models;
  }

  private static JsonObject patch(ModelSettingsPatch patch) {
    JsonObject json = new JsonObject();
    putUnlessNull(json, "aliases", patch.aliases() == null ? null : new JsonArray(patch.aliases()));
    putUnlessNull(json, "first_token_timeout_ms", millis(patch.firstTokenTimeout()));
    putUnlessNull(json, "idle_timeout_ms", millis(patch.idleTimeout()));
    putUnlessNull(json, "total_timeout_ms", millis(patch.totalTimeout()));
    putUnlessNull(json, "policy", patch.policy());
    AdmissionOverrides admission = patch.admission();
    putUnlessNull(json, "max_queue", admission.maxQueue());
    putUnlessNull(json, "max_wait_ms", millis(admission.maxWait()));
    Order order = admission.order();
    putUnlessNull(json, "order", order == null ? null : order.label());
    JsonObject weights = new JsonObject();
    new TreeMap<>(patch.weights()).forEach(weights::put);
    return json.put("weights", weights);
  }

  private static ModelSettingsPatch patch(JsonObject json) {
    JsonArray aliases = json.getJsonArray("aliases");
    Map<String, Double> weights = new HashMap<>();
    JsonObject given = json.getJsonObject("weights", new JsonObject());
    given.fieldNames().forEach(id -> weights.put(id, given.getDouble(id)));
    String policy = json.getString("policy");
    return new ModelSettingsPatch(
        aliases == null ? null : aliases.stream().map(String.class::cast).toList(),
        duration(json.getLong("first_token_timeout_ms")),
        duration(json.getLong("idle_timeout_ms")),
        duration(json.getLong("total_timeout_ms")),
        policy != null && Policies.names().contains(policy) ? policy : null,
        weights,
        new AdmissionOverrides(
            json.getInteger("max_queue"),
            duration(json.getLong("max_wait_ms")),
            Order.of(json.getString("order"))));
  }

  private static @Nullable Long millis(@Nullable Duration duration) {
    return duration == null ? null : duration.toMillis();
  }

  private static @Nullable Duration duration(@Nullable Long millis) {
    return millis == null ? null : Duration.ofMillis(millis);
  }

  private static void putUnlessNull(JsonObject json, String key, @Nullable Object value) {
    if (value != null) {
      json.put(key, value);
    }
  }
}

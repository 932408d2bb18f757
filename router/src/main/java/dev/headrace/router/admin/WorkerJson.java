package dev.headrace.router.admin;

import dev.headrace.router.fleet.SourceStatus;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.fleet.WorkerSpec;
import dev.headrace.router.fleet.WorkerStatus;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.load.WorkerLoad;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How the admin API shows workers and sources. What is unknown is null. */
final class WorkerJson {
  private WorkerJson() {}

  static JsonObject worker(WorkerStatus worker, long nowNanos) {
    WorkerSpec spec = worker.spec();
    JsonObject meta = new JsonObject();
    new TreeMap<>(spec.meta()).forEach(meta::put);
    return new JsonObject()
        .put("id", spec.id())
        .put("key", spec.key())
        .put("public_id", worker.publicId())
        .put("source", spec.source())
        .put("url", spec.address().url())
        .put("engine", spec.engine())
        .put("models", models(spec.models()))
        .put("status", worker.state().label())
        .put("reason", worker.reason())
        .put("draining", worker.draining())
        .put("in_flight", worker.inFlight())
        .put("max_concurrency", spec.maxConcurrency())
        .put("weight", spec.weight())
        .put("load", load(worker, nowNanos))
        .put("outliers", OutlierJson.of(worker.live()))
        .put("meta", meta);
  }

  static JsonObject source(SourceStatus source) {
    return new JsonObject()
        .put("name", source.name())
        .put("workers", source.workers())
        .put("reported", source.reported())
        .put("from_disk", source.fromDisk())
        .put(
            "age_ms",
            source.ageNanos() < 0 ? null : TimeUnit.NANOSECONDS.toMillis(source.ageNanos()));
  }

  private static @Nullable JsonArray models(@Nullable List<ServedModel> models) {
    return models == null ? null : new JsonArray(models.stream().map(ServedModel::id).toList());
  }

  private static @Nullable JsonObject load(WorkerStatus worker, long nowNanos) {
    Worker.Live live = worker.live();
    WorkerLoad load = worker.load();
    if (live == null || load == null) {
      return null;
    }
    return new JsonObject()
        .put("running", known(load.running()))
        .put("waiting", known(load.waiting()))
        .put("kv_usage", ExplainOperations.told(load.kvUsage()))
        .put("drift", ExplainOperations.told(live.drift()))
        .put("age_ms", TimeUnit.NANOSECONDS.toMillis(nowNanos - load.readAtNanos()));
  }

  private static @Nullable Integer known(int count) {
    return count == WorkerLoad.UNKNOWN ? null : count;
  }
}

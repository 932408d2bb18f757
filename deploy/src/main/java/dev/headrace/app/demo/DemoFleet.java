package dev.headrace.app.demo;

import dev.headrace.worker.sim.SimulatedWorker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The simulated workers, registered at the router as real ones are: over its admin port, with
 * heartbeats.
 */
final class DemoFleet {
  private static final long HEARTBEAT_MILLIS = 4000;
  private static final long POLL_MILLIS = 40;
  private static final int POLLS = 500;

  private final Vertx vertx;
  private final HttpClient http;
  private final String admin;
  private final List<SimulatedWorker> workers = new ArrayList<>();
  private long heartbeat = -1;

  private DemoFleet(Vertx vertx, String admin) {
    this.vertx = vertx;
    this.admin = admin;
    this.http = vertx.createHttpClient();
  }

  /** Starts all workers and registers them; done when the router would send requests to each. */
  static Future<DemoFleet> start(Vertx vertx, String admin) {
    DemoFleet fleet = new DemoFleet(vertx, admin);
    List<Future<Void>> starts = new ArrayList<>();
    for (int i = 0; i < DemoWorker.FLEET.size(); i++) {
      starts.add(fleet.startAndRegister(DemoWorker.FLEET.get(i), i + 1));
    }
    return Future.all(starts)
        .compose(
            started -> {
              fleet.heartbeat = vertx.setPeriodic(HEARTBEAT_MILLIS, id -> fleet.beat());
              return fleet.routable(POLLS);
            })
        .map(ready -> fleet);
  }

  /** The workers' ids by the opaque names that the router tells clients. */
  Future<Map<String, String>> idsByPublicId() {
    return list()
        .map(
            list -> {
              Map<String, String> ids = new HashMap<>();
              for (int i = 0; i < list.size(); i++) {
                JsonObject worker = list.getJsonObject(i);
                ids.put(worker.getString("public_id"), worker.getString("id"));
              }
              return ids;
            });
  }

  Future<Void> stop() {
    vertx.cancelTimer(heartbeat);
    List<Future<Void>> stops = new ArrayList<>();
    for (SimulatedWorker worker : workers) {
      stops.add(worker.stop());
    }
    return Future.join(stops).transform(ended -> http.close());
  }

  private Future<Void> startAndRegister(DemoWorker worker, int number) {
    return SimulatedWorker.start(vertx, worker.options(number))
        .compose(
            sim -> {
              workers.add(sim);
              JsonObject registration =
                  new JsonObject()
                      .put("id", worker.id())
                      .put("url", sim.url())
                      .put("engine", worker.engine())
                      .put("models", new JsonArray().add(worker.model()))
                      .put("max_concurrency", worker.slots());
              return send(HttpMethod.POST, "/admin/v1/workers", registration);
            })
        .mapEmpty();
  }

  private void beat() {
    for (DemoWorker worker : DemoWorker.FLEET) {
      // A lost heartbeat is no harm: the registry waits for several.
      send(
              HttpMethod.PUT,
              "/admin/v1/workers/" + worker.id() + "/heartbeat",
              new JsonObject().put("status", "passing"))
          .onFailure(lost -> {});
    }
  }

  private Future<Void> routable(int polls) {
    return list()
        .compose(
            list -> {
              long ready = 0;
              for (int i = 0; i < list.size(); i++) {
                ready += "routable".equals(list.getJsonObject(i).getString("status")) ? 1 : 0;
              }
              if (ready >= DemoWorker.FLEET.size()) {
                return Future.succeededFuture();
              }
              if (polls == 0) {
                return Future.failedFuture("the workers did not become ready: " + list.encode());
              }
              return vertx.timer(POLL_MILLIS).compose(t -> routable(polls - 1));
            });
  }

  private Future<JsonArray> list() {
    return send(HttpMethod.GET, "/admin/v1/workers", null)
        .map(body -> new JsonObject(body).getJsonArray("workers", new JsonArray()));
  }

  private Future<Buffer> send(HttpMethod method, String path, @Nullable JsonObject body) {
    RequestOptions options = new RequestOptions().setMethod(method).setAbsoluteURI(admin + path);
    options.putHeader("content-type", "application/json");
    // The body is asked for on the connection's loop, before it can arrive.
    return http.request(options)
        .compose(
            request ->
                (body == null ? request.send() : request.send(body.toBuffer()))
                    .compose(
                        response ->
                            response.body().compose(answer -> checked(response, path, answer))));
  }

  private static Future<Buffer> checked(HttpClientResponse response, String path, Buffer answer) {
    return response.statusCode() / 100 == 2
        ? Future.succeededFuture(answer)
        : Future.failedFuture(path + " answered " + response.statusCode() + ": " + answer);
  }
}

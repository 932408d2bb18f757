package dev.headrace.router.fleet.consul;

import dev.headrace.router.config.HeadraceConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Consul HTTP API under a test's control: blocking queries as Consul answers them (a query waits
 * while its index is not below the present one), and faults on demand. Any thread.
 */
final class FakeConsul implements AutoCloseable {
  private record Page(long index, int status, String body) {}

  private record Waiting(String path, long index, HttpServerRequest request) {}

  private final Vertx vertx;
  private final Map<String, Page> pages = new HashMap<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private final Map<String, Integer> asked = new HashMap<>();
  private final List<String> uris = new ArrayList<>();
  private int port;
  private HttpServer server;
  private boolean failing;
  private boolean instant;

  FakeConsul(Vertx vertx) {
    this.vertx = vertx;
    open();
  }

  /** Listens, on the same port as before when it did before. */
  final void open() {
    server =
        finish(vertx.createHttpServer().requestHandler(this::handle).listen(port, "127.0.0.1"));
    port = server.actualPort();
  }

  /** Refuses connections, and ends those that there are. */
  @Override
  public void close() {
    finish(server.close());
    synchronized (this) {
      waiting.clear();
    }
  }

  HeadraceConfig.Consul config(String... services) {
    return new HeadraceConfig.Consul(
        "127.0.0.1",
        port,
        false,
        List.of(services),
        null,
        null,
        "headrace",
        Duration.ofSeconds(20));
  }

  /** Every question is answered with 500 from now on, or no longer. */
  synchronized void failing(boolean now) {
    failing = now;
    if (now) {
      List<Waiting> all = List.copyOf(waiting);
      waiting.clear();
      all.forEach(one -> one.request().response().setStatusCode(500).end("No cluster leader"));
    }
  }

  /** Answers at once whatever the index is, though nothing has changed. */
  synchronized void instant() {
    instant = true;
  }

  synchronized int asked(String path) {
    return asked.getOrDefault(path, 0);
  }

  /** All request URIs so far. */
  synchronized List<String> uris() {
    return List.copyOf(uris);
  }

  /** True while a query for it waits. */
  synchronized boolean isWaitedFor(String path) {
    return waiting.stream().anyMatch(one -> one.path().equals(path));
  }

  void instances(String service, long index, JsonObject... entries) {
    put(healthOf(service), index, 200, new JsonArray(List.of(entries)).encode());
  }

  void services(long index, String... names) {
    JsonObject all = new JsonObject();
    for (String name : names) {
      all.put(name, new JsonArray());
    }
    put("/v1/catalog/services", index, 200, all.encode());
  }

  void settings(long index, Map<String, String> byModel) {
    JsonArray all = new JsonArray();
    byModel.forEach(
        (model, text) ->
            all.add(
                new JsonObject()
                    .put("Key", "headrace/models/" + model)
                    .put("Value", Base64.getEncoder().encodeToString(text.getBytes()))));
    put(SETTINGS, index, byModel.isEmpty() ? 404 : 200, byModel.isEmpty() ? "" : all.encode());
  }

  static final String SETTINGS = "/v1/kv/headrace/models/";

  static String healthOf(String service) {
    return "/v1/health/service/" + service;
  }

  /** An instance with a passing TTL check. */
  static JsonObject instance(String id, int instancePort, String... meta) {
    JsonObject all = new JsonObject();
    for (int i = 0; i < meta.length; i += 2) {
      all.put(meta[i], meta[i + 1]);
    }
    return new JsonObject()
        .put("Node", new JsonObject().put("Node", "n1").put("Address", "10.0.0.1"))
        .put(
            "Service",
            new JsonObject()
                .put("ID", id)
                .put("Service", "llm")
                .put("Tags", new JsonArray())
                .put("Address", "127.0.0.1")
                .put("Port", instancePort)
                .put("Meta", all))
        .put(
            "Checks",
            new JsonArray()
                .add(new JsonObject().put("CheckID", "service:" + id).put("Status", "passing")));
  }

  private synchronized void put(String path, long index, int status, String body) {
    Page page = new Page(index, status, body);
    pages.put(path, page);
    List<Waiting> woken =
        waiting.stream().filter(one -> one.path().equals(path) && index > one.index()).toList();
    waiting.removeAll(woken);
    woken.forEach(one -> answer(one.request(), page));
  }

  private synchronized void handle(HttpServerRequest request) {
    asked.merge(request.path(), 1, Integer::sum);
    uris.add(request.uri());
    if (failing) {
      request.response().setStatusCode(500).end("No cluster leader");
      return;
    }
    Page page = pages.getOrDefault(request.path(), empty(request.path()));
    long index = Long.parseLong(request.getParam("index", "0"));
    if (instant || index == 0 || page.index() > index) {
      answer(request, page);
      return;
    }
    Waiting one = new Waiting(request.path(), index, request);
    waiting.add(one);
    request.response().exceptionHandler(failure -> forget(one));
  }

  private static Page empty(String path) {
    return path.startsWith("/v1/kv/")
        ? new Page(1, 404, "")
        : new Page(1, 200, path.endsWith("/catalog/services") ? "{}" : "[]");
  }

  private synchronized void forget(Waiting one) {
    waiting.remove(one);
  }

  private static void answer(HttpServerRequest request, Page page) {
    request
        .response()
        .setStatusCode(page.status())
        .putHeader("X-Consul-Index", Long.toString(page.index()))
        .end(page.body());
  }

  static <T> T finish(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}

package dev.headrace.worker.agent;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A router's registration API that remembers what it was told. Any thread. */
final class FakeRegistry implements AutoCloseable {
  final Map<String, JsonObject> workers = new ConcurrentHashMap<>();
  final List<String> calls = new CopyOnWriteArrayList<>();
  private final Vertx vertx;
  private int port;
  private HttpServer server;

  FakeRegistry(Vertx vertx) {
    this.vertx = vertx;
    open();
  }

  final void open() {
    server =
        finish(vertx.createHttpServer().requestHandler(this::handle).listen(port, "127.0.0.1"));
    port = server.actualPort();
  }

  @Override
  public void close() {
    finish(server.close());
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Has forgotten everybody, as after a restart. */
  void forget() {
    workers.clear();
  }

  String status(String id) {
    JsonObject worker = workers.get(id);
    return worker == null ? "unknown" : worker.getString("status");
  }

  private void handle(HttpServerRequest request) {
    String[] parts = request.path().split("/");
    calls.add(request.method() + " " + request.path());
    request
        .body()
        .onSuccess(
            body -> {
              if (!"Bearer secret".equals(request.getHeader("Authorization"))) {
                request.response().setStatusCode(401).end("{\"error\":\"no token\"}");
                return;
              }
              switch (request.method().name()) {
                case "POST" -> {
                  JsonObject worker = body.toJsonObject();
                  workers.put(worker.getString("id"), worker);
                  granted(request, 201, worker.getString("id"));
                }
                case "PUT" -> {
                  JsonObject worker = workers.get(parts[4]);
                  if (worker == null) {
                    request.response().setStatusCode(404).end();
                  } else {
                    workers.put(parts[4], worker.copy().mergeIn(body.toJsonObject()));
                    granted(request, 200, parts[4]);
                  }
                }
                default -> {
                  workers.remove(parts[4]);
                  request.response().setStatusCode(204).end();
                }
              }
            });
  }

  private static void granted(HttpServerRequest request, int status, String id) {
    request
        .response()
        .setStatusCode(status)
        .end(new JsonObject().put("id", id).put("ttl_ms", 600).encode());
  }

  static <T> T finish(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}

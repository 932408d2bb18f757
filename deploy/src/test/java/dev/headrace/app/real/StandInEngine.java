package dev.headrace.app.real;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.Engine;
import dev.headrace.worker.StreamEnd;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A worker that answers every endpoint of one engine in that endpoint's plainest form, where no
 * simulation of the engine has it. What it says is fixed; the engine decides at which paths, and
 * with which mark its streams end.
 */
final class StandInEngine implements AutoCloseable {
  private static final String EVENT = "text/event-stream";

  private final Vertx vertx = Vertx.vertx();
  private final Map<String, Endpoint> endpoints = new HashMap<>();
  private final Engine engine;
  private final HttpServer server;

  StandInEngine(Engine engine) {
    this.engine = engine;
    for (Endpoint endpoint : Endpoint.values()) {
      String path = engine.pathOf(endpoint);
      if (path != null) {
        endpoints.put(path, endpoint);
      }
    }
    try {
      server =
          vertx
              .createHttpServer()
              .requestHandler(this::answer)
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  private void answer(HttpServerRequest request) {
    Endpoint endpoint = endpoints.get(request.path());
    if (endpoint == null) {
      // Health pages of all kinds.
      request.response().putHeader("content-type", "application/json").end("{}");
      return;
    }
    request.body().onSuccess(body -> answer(request.response(), endpoint, body.toString()));
  }

  private void answer(HttpServerResponse response, Endpoint endpoint, String body) {
    boolean stream = endpoint == Endpoint.GENERATE_STREAM || body.contains("\"stream\":true");
    StreamEnd end = engine.streamEnd(endpoint);
    if (endpoint == Endpoint.SPEECH) {
      response.putHeader("content-type", "audio/mpeg").end("not really sound");
    } else if (stream && end != StreamEnd.BODY_END) {
      response.putHeader("content-type", EVENT).end(EngineForms.stream(endpoint, end));
    } else {
      response.putHeader("content-type", "application/json").end(EngineForms.whole(endpoint));
    }
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }
}

package dev.headrace.worker.probe;

import dev.headrace.worker.WorkerAddress;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A small HTTP server that answers each path as told, and remembers what it was asked. */
final class ScriptedServer {

  private final Map<String, Consumer<HttpServerRequest>> answers = new ConcurrentHashMap<>();
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private final Queue<String> credentials = new ConcurrentLinkedQueue<>();
  private final Queue<String> hosts = new ConcurrentLinkedQueue<>();
  private final String host;
  private final HttpServer server;

  ScriptedServer(Vertx vertx) throws Exception {
    this(vertx, "127.0.0.1");
  }

  ScriptedServer(Vertx vertx, String host) throws Exception {
    this.host = host.indexOf(':') < 0 ? host : "[" + host + "]";
    server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  asked.add(request.uri());
                  hosts.add(String.valueOf(request.getHeader("Host")));
                  String credential = request.getHeader("Authorization");
                  credentials.add(credential == null ? "" : credential);
                  answers
                      .getOrDefault(request.uri(), unknown -> answer(unknown, 404, "Not Found"))
                      .accept(request);
                })
            .listen(0, host)
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
  }

  ScriptedServer on(String uri, int status, String body) {
    return on(uri, request -> answer(request, status, body));
  }

  ScriptedServer on(String uri, Consumer<HttpServerRequest> answer) {
    answers.put(uri, answer);
    return this;
  }

  private static void answer(HttpServerRequest request, int status, String body) {
    request.response().setStatusCode(status).end(body);
  }

  Queue<String> asked() {
    return asked;
  }

  Queue<String> credentials() {
    return credentials;
  }

  Queue<String> hosts() {
    return hosts;
  }

  WorkerAddress address() {
    return WorkerAddress.parse("http://" + host + ":" + server.actualPort());
  }

  WorkerAddress address(String basePath) {
    return WorkerAddress.parse(address().url() + basePath);
  }

  void close() throws Exception {
    server.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}

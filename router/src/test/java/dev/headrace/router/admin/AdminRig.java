package dev.headrace.router.admin;

import static dev.headrace.router.fleet.FleetRig.result;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.Secret;
import dev.headrace.router.fleet.EmbeddedRegistry;
import dev.headrace.router.fleet.FleetDirectory;
import dev.headrace.router.fleet.FleetRig;
import dev.headrace.router.fleet.FleetSource;
import dev.headrace.worker.engine.Engines;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An admin server on a free port, before a fleet with scripted workers. */
final class AdminRig implements AutoCloseable {
  final FleetRig fleet = new FleetRig();
  final EmbeddedRegistry registry = new EmbeddedRegistry(Duration.ofSeconds(15), System::nanoTime);
  final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  final FleetDirectory directory;
  final AdminServer server;
  final int port;
  volatile String notReady;
  private final HttpClient http = HttpClient.newHttpClient();
  private final String token;

  AdminRig(String token, FleetSource... more) {
    this(token, true, List.of(), more);
  }

  AdminRig(String token, boolean embedded, List<Operation> operations, FleetSource... more) {
    this.token = token;
    List<FleetSource> sources = new ArrayList<>(List.of(more));
    sources.add(registry);
    directory = fleet.started(sources.toArray(FleetSource[]::new));
    server =
        new AdminServer(
            new AdminServer.Parts(
                fleet.vertx,
                new HeadraceConfig.Admin(
                    new InetSocketAddress("127.0.0.1", 0), token == null ? null : Secret.of(token)),
                directory,
                embedded ? registry : null,
                Engines::byId,
                meters,
                () -> notReady,
                () -> new JsonObject().put("version", "1.2.3"),
                () -> new JsonObject().put("listen", "127.0.0.1:8088"),
                operations,
                System::nanoTime));
    Future<Integer> listening =
        Future.future(
            promise -> fleet.context.runOnContext(v -> server.start().onComplete(promise)));
    port = result(listening);
  }

  /** A call with the token. */
  Answer call(String method, String path, String body) {
    return call(method, path, body, token == null ? null : "Bearer " + token);
  }

  Answer call(String method, String path, String body, String authorization, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Answer(
          response.statusCode(),
          response.headers().firstValue("content-type").orElse(""),
          response.body());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  record Answer(int status, String type, String text) {
    JsonObject json() {
      return new JsonObject(text);
    }

    JsonObject error() {
      return json().getJsonObject("error");
    }
  }

  @Override
  public void close() {
    result(server.stop());
    fleet.close();
  }
}

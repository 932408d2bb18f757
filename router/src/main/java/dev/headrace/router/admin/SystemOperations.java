package dev.headrace.router.admin;

import dev.headrace.router.admin.Operation.Answer;
import dev.headrace.router.admin.Operation.Reply;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The process itself: alive, ready, which version, which configuration, and its meters. */
final class SystemOperations {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final Vertx vertx;
  private final PrometheusMeterRegistry meters;
  private final Readiness readiness;
  private final Supplier<JsonObject> version;
  private final Supplier<JsonObject> config;
  private final AtomicReference<@Nullable Future<String>> scrape = new AtomicReference<>();

  SystemOperations(
      Vertx vertx,
      PrometheusMeterRegistry meters,
      Readiness readiness,
      Supplier<JsonObject> version,
      Supplier<JsonObject> config) {
    this.vertx = vertx;
    this.meters = meters;
    this.readiness = readiness;
    this.version = version;
    this.config = config;
  }

  List<Operation> all() {
    Function<RoutingContext, Future<Reply>> alive =
        context -> reply(200, new JsonObject().put("status", "ok"));
    return List.of(
        probe("/health", "health", "The process is alive", alive),
        probe("/healthz", "healthz", "The process is alive", alive),
        new Operation(
            HttpMethod.GET,
            "/readyz",
            "readyz",
            "The router takes requests",
            true,
            null,
            Map.of(200, new Answer("Ready", "Status"), 503, new Answer("Not ready", "Status")),
            context -> ready()),
        Operation.get(
            "/version", "version", "What runs", "Version", context -> reply(200, version.get())),
        Operation.get(
            "/admin/v1/config",
            "config",
            "The configuration in effect; secrets are masked",
            "Config",
            context -> reply(200, config.get())),
        Operation.get("/metrics", "metrics", "Meters in Prometheus' form", null, this::metrics));
  }

  private Future<Reply> ready() {
    String reason = readiness.notReady();
    return reason == null
        ? reply(200, new JsonObject().put("status", "ready"))
        : reply(503, new JsonObject().put("status", "not ready").put("reason", reason));
  }

  /**
   * Rendering walks over all meters: never on an event loop, and once for all who ask meanwhile.
   */
  private Future<Reply> metrics(RoutingContext context) {
    String accept = context.request().getHeader("Accept");
    if (accept != null && accept.contains("application/openmetrics-text")) {
      return vertx
          .executeBlocking(() -> meters.scrape("application/openmetrics-text"), false)
          .map(text -> Reply.text(OPEN_METRICS, text));
    }
    Future<String> running = scrape.get();
    if (running == null) {
      Future<String> started = vertx.executeBlocking(() -> meters.scrape("text/plain"), false);
      scrape.set(started);
      started.onComplete(ignored -> scrape.set(null));
      running = started;
    }
    return running.map(text -> Reply.text(TEXT, text));
  }

  private static Operation probe(
      String path, String id, String summary, Function<RoutingContext, Future<Reply>> action) {
    return new Operation(
        HttpMethod.GET,
        path,
        id,
        summary,
        true,
        null,
        Map.of(200, new Answer("Alive", "Status")),
        action);
  }

  private static Future<Reply> reply(int status, JsonObject body) {
    return Future.succeededFuture(Reply.json(status, body));
  }
}

package dev.headrace.worker.agent;

import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.agent.Announcement.Status;
import dev.headrace.worker.agent.RegistrationException.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The worker in the embedded registry of one router, over its admin API. */
public final class RouterRegistration implements Registration {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration FIRST_TTL = Duration.ofSeconds(15);
  private static final String WORKERS = "/admin/v1/workers";

  private final WorkerAddress admin;
  private final @Nullable String token;
  private final WebClient client;
  private Duration ttl = FIRST_TTL;

  /**
   * @param admin the router's admin port
   * @param token the admin token, or null when the router has none
   */
  public RouterRegistration(Vertx vertx, WorkerAddress admin, @Nullable String token) {
    this.admin = admin;
    this.token = token;
    this.client =
        WebClient.create(
            vertx,
            new WebClientOptions()
                .setDefaultHost(admin.host())
                .setDefaultPort(admin.port())
                .setSsl(admin.tls())
                .setFollowRedirects(false)
                .setConnectTimeout(2000));
  }

  @Override
  public String target() {
    return "the router at " + admin.url();
  }

  @Override
  public Duration ttl() {
    return ttl;
  }

  @Override
  public Future<Void> register(Announcement announcement) {
    JsonObject body =
        new JsonObject()
            .put("id", announcement.id())
            .put("url", announcement.address().url())
            .put("engine", announcement.engine())
            .put("models", models(announcement))
            .put("weight", announcement.weight())
            .put("meta", meta(announcement))
            .put("status", status(announcement));
    if (announcement.maxConcurrency() != null) {
      body.put("max_concurrency", announcement.maxConcurrency());
    }
    return send(HttpMethod.POST, "", body).compose(this::granted);
  }

  @Override
  public Future<Void> renew(Announcement announcement) {
    JsonObject body = new JsonObject().put("status", status(announcement));
    if (!announcement.reason().isEmpty()) {
      body.put("reason", announcement.reason());
    }
    return send(HttpMethod.PUT, path(announcement.id()) + "/heartbeat", body)
        .compose(this::granted);
  }

  @Override
  public Future<Void> remove(String id) {
    return send(HttpMethod.DELETE, path(id), null)
        .compose(
            response ->
                response.statusCode() == 404 || response.statusCode() / 100 == 2
                    ? Future.succeededFuture()
                    : Future.failedFuture(refused(response)));
  }

  @Override
  public Future<Void> close() {
    client.close();
    return Future.succeededFuture();
  }

  private Future<HttpResponse<Buffer>> send(
      HttpMethod method, String below, @Nullable JsonObject body) {
    HttpRequest<Buffer> request =
        client.request(method, admin.basePath() + WORKERS + below).timeout(PATIENCE.toMillis());
    if (token != null) {
      request.bearerTokenAuthentication(token);
    }
    return body == null ? request.send() : request.sendJsonObject(body);
  }

  private Future<Void> granted(HttpResponse<Buffer> response) {
    if (response.statusCode() == 404) {
      return Future.failedFuture(new RegistrationException(Kind.LOST, "the worker is unknown"));
    }
    if (response.statusCode() / 100 != 2) {
      return Future.failedFuture(refused(response));
    }
    Long millis = response.bodyAsJsonObject().getLong("ttl_ms");
    if (millis != null && millis > 0) {
      ttl = Duration.ofMillis(millis);
    }
    return Future.succeededFuture();
  }

  private static RegistrationException refused(HttpResponse<Buffer> response) {
    String body = response.bodyAsString();
    String text = body == null ? "" : body.strip();
    return new RegistrationException(
        Kind.REFUSED,
        "status "
            + response.statusCode()
            + (text.isEmpty() ? "" : ": " + text.substring(0, Math.min(300, text.length()))));
  }

  private static JsonArray models(Announcement announcement) {
    JsonArray models = new JsonArray();
    for (ServedModel model : announcement.models()) {
      JsonObject entry = new JsonObject().put("id", model.id());
      if (model.parent() != null) {
        entry.put("parent", model.parent());
      }
      if (model.maxModelLen() != null) {
        entry.put("max_model_len", model.maxModelLen());
      }
      models.add(entry);
    }
    return models;
  }

  private static JsonObject meta(Announcement announcement) {
    JsonObject meta = new JsonObject();
    announcement.meta().forEach(meta::put);
    if (announcement.version() != null) {
      meta.put("version", announcement.version());
    }
    return meta;
  }

  private static String status(Announcement announcement) {
    Status status = announcement.status();
    return status.name().toLowerCase(Locale.ROOT);
  }

  private static String path(String id) {
    return "/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
  }
}

package dev.headrace.router.http;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.exchange.Reply;
import dev.headrace.router.fleet.FleetView;
import dev.headrace.router.observe.RouterMeters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the data port answers by itself: the model list, health, readiness, version; and 404 for
 * everything that no route names. Any thread.
 */
final class Pages {
  private static final String MODELS = "/v1/models";

  private final FleetView fleet;
  private final ModelList models;
  private final AccessCheck access;
  private final Supplier<ServingMode> mode;
  private final RouterMeters meters;
  private final String version;

  Pages(
      FleetView fleet,
      ModelList models,
      AccessCheck access,
      Supplier<ServingMode> mode,
      RouterMeters meters,
      String version) {
    this.fleet = fleet;
    this.models = models;
    this.access = access;
    this.mode = mode;
    this.meters = meters;
    this.version = version;
  }

  void serve(HttpServerRequest request, Reply reply, String path) {
    boolean modelsPage = path.equals(MODELS) || path.startsWith(MODELS + "/");
    boolean known =
        modelsPage
            || switch (path) {
              case "/health", "/healthz", "/readyz", "/version" -> true;
              default -> false;
            };
    if (!known) {
      refuse(reply, ErrorCode.UNKNOWN_PATH, "There is nothing at this path.");
    } else if (!request.method().equals(HttpMethod.GET)
        && !request.method().equals(HttpMethod.HEAD)) {
      reply.client().field(HttpHeaders.ALLOW, "GET, HEAD");
      refuse(reply, ErrorCode.METHOD_NOT_ALLOWED, "Only GET is understood on " + path + ".");
    } else if (modelsPage) {
      models(request, reply, path);
    } else {
      probe(reply, path);
    }
  }

  private void models(HttpServerRequest request, Reply reply, String path) {
    Access granted = access.check(request.headers());
    if (!granted.granted()) {
      refuse(reply, ErrorCode.INVALID_API_KEY, granted.refusal());
      return;
    }
    if (path.equals(MODELS)) {
      reply.json(200, models.all(fleet.current()).encode());
      return;
    }
    // The SDKs encode the slashes of a name; here it is only ever a key to look up.
    String name = decoded(path.substring(MODELS.length() + 1));
    JsonObject card = name == null ? null : models.one(fleet.current(), name);
    if (card == null) {
      refuse(reply, ErrorCode.MODEL_NOT_FOUND, "That model does not exist.");
    } else {
      reply.json(200, card.encode());
    }
  }

  private static @Nullable String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private void probe(Reply reply, String path) {
    switch (path) {
      case "/version" ->
          reply.json(
              200, new JsonObject().put("name", "headrace").put("version", version).encode());
      case "/readyz" -> {
        boolean draining = mode.get() != ServingMode.SERVING;
        String reason = draining ? null : fleet.notReady();
        JsonObject status =
            reason != null
                ? new JsonObject().put("status", "not ready").put("reason", reason)
                : new JsonObject().put("status", draining ? "draining" : "ready");
        reply.json(draining || reason != null ? 503 : 200, status.encode());
      }
      default -> reply.json(200, new JsonObject().put("status", "ok").encode());
    }
  }

  private void refuse(Reply reply, ErrorCode code, String message) {
    meters.refused(code);
    reply.refuseUnread();
    reply.error(code, message);
  }
}

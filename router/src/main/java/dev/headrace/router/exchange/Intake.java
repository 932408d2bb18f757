package dev.headrace.router.exchange;

import dev.headrace.router.balance.Policies;
import dev.headrace.router.dispatch.ModelChoice;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.FleetSnapshot;
import dev.headrace.router.fleet.ModelSettings;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.scan.BodyRefused;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.worker.Endpoint;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Receives a request body within its bounds and finds out where it goes. Tells exactly one thing,
 * once; what arrives after a refusal is thrown away. Confined to one event loop.
 */
final class Intake {
  private static final Logger LOG = Logger.getLogger(Intake.class.getName());

  /** What was found out. */
  interface Found {
    void routed(Route route);

    void refused(ErrorCode code, String message, @Nullable String param, long retryAfterMillis);
  }

  private final RelayLoop.Shared shared;
  private final HttpServerRequest request;
  private final Endpoint endpoint;
  private final RequestBody body;
  private final Found found;
  private boolean over;

  Intake(
      RelayLoop.Shared shared,
      HttpServerRequest request,
      Endpoint endpoint,
      RequestBody body,
      Found found) {
    this.shared = shared;
    this.request = request;
    this.endpoint = endpoint;
    this.body = body;
    this.found = found;
  }

  void start() {
    long length = ForwardedHeaders.contentLength(request.headers());
    if (length > shared.config().limits().maxBody()) {
      refuse(ErrorCode.REQUEST_TOO_LARGE, body.tooLarge(), null, -1);
      return;
    }
    request.handler(this::part);
    request.endHandler(end -> complete());
  }

  /** Nobody waits for it any more. */
  void stop() {
    over = true;
  }

  private void part(Buffer bytes) {
    if (over) {
      return;
    }
    ErrorCode refusal = body.add(bytes);
    if (refusal == ErrorCode.REQUEST_TOO_LARGE) {
      refuse(refusal, body.tooLarge(), null, -1);
    } else if (refusal != null) {
      refuse(refusal, "The router holds as many request bodies as it may.", null, 1_000);
    }
  }

  private void complete() {
    if (over) {
      return;
    }
    Route route;
    try {
      route = read();
    } catch (BodyRefused e) {
      refuse(e.code(), e.reason(), e.param(), -1);
      return;
    } catch (RuntimeException e) {
      // A fault of the router; without an answer the client would wait for its body's deadline.
      LOG.log(Level.SEVERE, "a request body could not be read", e);
      refuse(ErrorCode.INTERNAL_ERROR, "The router failed.", null, -1);
      return;
    }
    over = true;
    found.routed(route);
  }

  private Route read() throws BodyRefused {
    ScannedRequest scan = body.scan(endpoint, request.getHeader(HttpHeaders.CONTENT_TYPE));
    FleetSnapshot fleet = shared.fleet().current();
    Pool pool = ModelChoice.choose(fleet, endpoint, scan.model());
    ModelSettings settings = fleet.settings().get(pool.model());
    Clocks clocks = Clocks.of(shared.config().defaults(), settings);
    if (settings != null && Policies.readsPrefix(settings.policy()) && endpoint.streams()) {
      scan = body.withPrefix(scan);
    }
    return new Route(scan, pool, Route.asksForStream(endpoint, scan), clocks);
  }

  private void refuse(
      ErrorCode code, String message, @Nullable String param, long retryAfterMillis) {
    over = true;
    found.refused(code, message, param, retryAfterMillis);
  }
}

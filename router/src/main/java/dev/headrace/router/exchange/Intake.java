package dev.headrace.router.exchange;

import dev.headrace.router.balance.Policies;
import dev.headrace.router.dispatch.ModelChoice;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.FleetSnapshot;
import dev.headrace.router.fleet.ModelSettings;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.scan.BodyRefused;
import dev.headrace.router.scan.BodyScan;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.worker.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request body as it arrives, within its bounds, and finds out where it goes. Confined to
 * one event loop.
 */
final class Intake {
  private final ExchangeLoop.Shared shared;
  private final Endpoint endpoint;
  private final RequestBody body;
  private final @Nullable String contentType;
  private final long announced;
  private @Nullable BodyScan scan;

  /**
   * @param announced bytes that the client says the body has, or -1
   */
  Intake(
      ExchangeLoop.Shared shared,
      Endpoint endpoint,
      RequestBody body,
      @Nullable String contentType,
      long announced) {
    this.shared = shared;
    this.endpoint = endpoint;
    this.body = body;
    this.contentType = contentType;
    this.announced = announced;
  }

  /** Looks at what the head tells of the body. */
  void begin() throws BodyRefused {
    if (announced > shared.config().limits().maxBody()) {
      throw new BodyRefused(ErrorCode.REQUEST_TOO_LARGE, body.tooLarge(), null);
    }
    scan = BodyScan.of(endpoint, contentType);
  }

  void piece(byte[] array, int from, int to) throws BodyRefused {
    ErrorCode refusal = body.add(array, from, to);
    if (refusal != null) {
      throw new BodyRefused(
          refusal,
          refusal == ErrorCode.REQUEST_TOO_LARGE
              ? body.tooLarge()
              : "The router holds as many request bodies as it may.",
          null);
    }
    scan().feed(array, from, to);
  }

  /** The whole body is there. */
  Route end() throws BodyRefused {
    ScannedRequest found = scan().end();
    FleetSnapshot fleet = shared.fleet().current();
    Pool pool = ModelChoice.choose(fleet, endpoint, found.model());
    ModelSettings settings = fleet.settings().get(pool.model());
    Clocks clocks = Clocks.of(shared.config().defaults(), settings);
    if (settings != null && Policies.readsPrefix(settings.policy()) && endpoint.streams()) {
      found = body.withPrefix(found);
    }
    scan = null;
    return new Route(found, pool, Route.asksForStream(endpoint, found), clocks);
  }

  private BodyScan scan() {
    BodyScan reading = scan;
    if (reading == null) {
      throw new IllegalStateException("the body was not begun, or is read already");
    }
    return reading;
  }
}

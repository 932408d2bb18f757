package dev.headrace.worker;

import java.time.Duration;

/**
 * How long the engine's server keeps a connection, so that the router lets go of it first.
 *
 * @param idle the server closes a connection that was silent this long
 * @param maxRequests the server closes a connection after so many requests; {@link
 *     Integer#MAX_VALUE}: no limit
 */
public record ConnectionLimits(Duration idle, int maxRequests) {

  /** uvicorn's defaults: 5 s, any number of requests. */
  public static final ConnectionLimits UVICORN =
      new ConnectionLimits(Duration.ofSeconds(5), Integer.MAX_VALUE);
}

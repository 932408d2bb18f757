package dev.headrace.router.exchange;

import dev.headrace.router.fleet.Pool;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.worker.Endpoint;

/**
 * Where a request goes, once its body was read.
 *
 * @param pool the workers of its model
 * @param stream the client asked for a token stream
 * @param clocks the model's time limits
 */
record Route(ScannedRequest scan, Pool pool, boolean stream, Clocks clocks) {

  static boolean asksForStream(Endpoint endpoint, ScannedRequest scan) {
    return endpoint == Endpoint.GENERATE_STREAM || (endpoint.streams() && scan.stream());
  }

  /** True when the answer will be an event stream, so that comment lines may stand in it. */
  boolean takesComments(Endpoint endpoint) {
    return stream
        && switch (endpoint) {
          case CHAT, COMPLETIONS, RESPONSES, MESSAGES, GENERATE_STREAM -> true;
          default -> false;
        };
  }
}

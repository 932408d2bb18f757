package dev.headrace.worker.sim;

import io.vertx.core.http.HttpServerResponse;

/** Sends whole answers. */
final class Replies {
  private Replies() {}

  /** Does nothing when the client is gone. */
  static void send(HttpServerResponse response, Reply reply) {
    if (response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(reply.status());
    if (!reply.contentType().isEmpty()) {
      response.putHeader("content-type", reply.contentType());
    }
    reply.headers().forEach(response::putHeader);
    response.end(reply.body());
  }
}

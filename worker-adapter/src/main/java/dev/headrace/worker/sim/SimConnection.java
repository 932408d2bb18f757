package dev.headrace.worker.sim;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;

/**
 * One client connection: how many requests it had, and the timer that closes it when it stays idle.
 * Confined to the worker's event loop.
 */
final class SimConnection {
  private final Vertx vertx;
  private final HttpConnection connection;
  private int requests;
  private int active;
  private long idleTimer = -1;

  SimConnection(Vertx vertx, HttpConnection connection) {
    this.vertx = vertx;
    this.connection = connection;
  }

  /**
   * A request began.
   *
   * @return how many this connection had by now, this one included
   */
  int began() {
    disarm();
    active++;
    return ++requests;
  }

  /** An answer ended; {@code idleMs} of 0 keeps the connection for ever. */
  void answered(int idleMs) {
    active--;
    idle(idleMs);
  }

  /** Closes the connection now, behind what was written. */
  void close() {
    disarm();
    connection.close();
  }

  /** Closes the connection should nothing begin for so long. */
  void idle(int idleMs) {
    disarm();
    if (active == 0 && idleMs > 0) {
      idleTimer =
          vertx.setTimer(
              idleMs,
              fired -> {
                idleTimer = -1;
                connection.close();
              });
    }
  }

  void disarm() {
    if (idleTimer >= 0) {
      vertx.cancelTimer(idleTimer);
      idleTimer = -1;
    }
  }
}

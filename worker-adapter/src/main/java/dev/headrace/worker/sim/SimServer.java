package dev.headrace.worker.sim;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The listening side of one simulated engine: one verticle, one event loop. It can stop listening
 * and begin again on the same port, as a process does that is restarted.
 */
final class SimServer extends VerticleBase {
  private static final int RETRY_MS = 50;
  private static final int BACKLOG = 4096;
  private static final int MOST_HEADER_BYTES = 64 << 10;

  private final SimOptions options;
  private final Counters counters;
  private final Map<HttpConnection, SimConnection> connections = new HashMap<>();
  private @Nullable HttpServer server;
  private @Nullable SimEngine engine;
  private @Nullable SimRequests requests;
  private volatile int port;
  private long refuseTimer = -1;
  private Future<Void> closed = Future.succeededFuture();

  SimServer(SimOptions options, Counters counters) {
    this.options = options;
    this.counters = counters;
  }

  @Override
  public Future<?> start() {
    SimEngine made = new SimEngine(vertx, options, counters, Clock.systemUTC(), this::refuse);
    engine = made;
    requests = new SimRequests(vertx, made);
    return listen(options.port()).onSuccess(listening -> made.faults(options.faults()));
  }

  @Override
  public Future<?> stop() {
    if (refuseTimer >= 0) {
      vertx.cancelTimer(refuseTimer);
    }
    if (engine != null) {
      engine.stop();
    }
    connections.values().forEach(SimConnection::disarm);
    return server == null ? Future.succeededFuture() : server.close();
  }

  /** The port that it listens on, or did before it was told to refuse. Any thread. */
  int port() {
    return port;
  }

  /** Any thread. */
  Future<Void> faults(SimFaults faults) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        now -> {
          Objects.requireNonNull(engine).faults(faults);
          done.complete();
        });
    return done.future();
  }

  /** Closes the port and all connections for so long; 0 listens again at once. */
  private void refuse(int millis) {
    if (refuseTimer >= 0) {
      vertx.cancelTimer(refuseTimer);
      refuseTimer = -1;
    }
    if (millis > 0 && server != null) {
      closed = server.close();
      server = null;
    }
    if (server == null) {
      reopenAfter(Math.max(1, millis));
    }
  }

  /** Closing takes a moment and the port may be in use for another: it tries until it has it. */
  private void reopenAfter(int millis) {
    refuseTimer =
        vertx.setTimer(
            millis,
            fired -> {
              refuseTimer = -1;
              if (closed.isComplete()) {
                listen(port).onFailure(taken -> retry());
              } else {
                reopen();
              }
            });
  }

  private void retry() {
    if (refuseTimer < 0) {
      reopen();
    }
  }

  private void reopen() {
    server = null;
    reopenAfter(RETRY_MS);
  }

  private Future<?> listen(int wanted) {
    HttpServer made =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHttp2ClearTextEnabled(false)
                    .setAcceptBacklog(BACKLOG)
                    .setMaxHeaderSize(MOST_HEADER_BYTES)
                    .setMaxInitialLineLength(MOST_HEADER_BYTES)
                    .setHandle100ContinueAutomatically(true))
            .connectionHandler(this::accepted)
            .requestHandler(
                request -> {
                  SimConnection connection = connections.get(request.connection());
                  Objects.requireNonNull(requests)
                      .handle(request, Objects.requireNonNull(connection));
                });
    server = made;
    return made.listen(wanted, options.host()).onSuccess(up -> port = up.actualPort());
  }

  private void accepted(HttpConnection connection) {
    SimConnection known = new SimConnection(vertx, connection);
    connections.put(connection, known);
    counters.connections.incrementAndGet();
    counters.connectionsAccepted.increment();
    connection.closeHandler(
        closed -> {
          connections.remove(connection);
          known.disarm();
          counters.connections.decrementAndGet();
        });
    known.idle(Objects.requireNonNull(requests).unusedMs());
  }
}

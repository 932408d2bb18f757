package dev.headrace.worker.sim;

import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * A simulated engine that listens on a real port. It lives on one event loop of the given Vert.x;
 * all methods here may be called from any thread.
 */
public final class SimulatedWorker {
  private final Vertx vertx;
  private final SimOptions options;
  private final SimServer server;
  private final Counters counters;
  private final String deployment;

  private SimulatedWorker(
      Vertx vertx, SimOptions options, SimServer server, Counters counters, String deployment) {
    this.vertx = vertx;
    this.options = options;
    this.server = server;
    this.counters = counters;
    this.deployment = deployment;
  }

  /** Starts a worker; fails when its port cannot be had. */
  public static Future<SimulatedWorker> start(Vertx vertx, SimOptions options) {
    Counters counters = new Counters();
    SimServer server = new SimServer(options, counters);
    return vertx
        .deployVerticle(server)
        .map(id -> new SimulatedWorker(vertx, options, server, counters, id));
  }

  public SimOptions options() {
    return options;
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** {@code http://host:port}. */
  public String url() {
    String host = options.host();
    return "http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port();
  }

  /** What it did until now. */
  public SimStats stats() {
    return counters.stats(options);
  }

  /** Puts these faults in force in place of those before. Done when the future is. */
  public Future<Void> faults(SimFaults faults) {
    return server.faults(faults);
  }

  /** Closes the port and all connections. */
  public Future<Void> stop() {
    return vertx.undeploy(deployment);
  }
}

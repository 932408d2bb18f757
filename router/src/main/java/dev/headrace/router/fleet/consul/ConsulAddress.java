package dev.headrace.router.fleet.consul;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.Secret;
import io.vertx.core.Vertx;
import io.vertx.ext.consul.ConsulClient;
import io.vertx.ext.consul.ConsulClientOptions;
import java.time.Duration;

/**
 * How to reach the configured agent. Each watch has a client of its own: a client's pool holds five
 * connections, and a blocking query keeps one busy all the time, so a sixth watch on a shared
 * client would never be asked. Closing the client also ends the query under way.
 */
record ConsulAddress(HeadraceConfig.Consul config) {

  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** Consul adds up to a sixteenth to the wait that it was asked for; the rest is for the way. */
  static Duration patience(Duration wait) {
    return wait.multipliedBy(17).dividedBy(16).plusSeconds(5);
  }

  /** Fills in what holds for every client of the agent, whatever its kind. */
  ConsulClientOptions options() {
    Duration patience = patience(config.maxWait());
    ConsulClientOptions options = new ConsulClientOptions();
    options.setHost(config.host()).setPort(config.port()).setSsl(config.tls());
    options.setConnectTimeout((int) CONNECT.toMillis());
    // The request's timeout ends with the response head; this one covers a body that stalls.
    options.setIdleTimeout((int) patience.plusSeconds(5).toSeconds());
    options.setTimeout(patience.toMillis());
    Secret token = config.token();
    if (token != null) {
      options.setAclToken(token.reveal());
    }
    if (config.datacenter() != null) {
      options.setDc(config.datacenter());
    }
    return options;
  }

  ConsulClient client(Vertx vertx) {
    return ConsulClient.create(vertx, options());
  }

  /** For messages. */
  @Override
  public String toString() {
    String host = config.host().indexOf(':') >= 0 ? "[" + config.host() + "]" : config.host();
    return "Consul at " + host + ":" + config.port();
  }
}

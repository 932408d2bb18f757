package dev.headrace.app.real;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A real Consul agent in development mode: one server that keeps everything in memory, so that a
 * restart comes back empty on the same ports.
 */
final class ConsulAgent implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(60);

  private final int http = FreePort.next();
  private final int server = FreePort.next();
  private final int serfLan = FreePort.next();
  private final int serfWan = FreePort.next();
  private ChildProcess process;

  private ConsulAgent() {
    process = launch();
  }

  /** Starts one and waits until it has elected itself. */
  static ConsulAgent start() {
    ConsulAgent agent = new ConsulAgent();
    agent.awaitLeader();
    return agent;
  }

  /** SIGKILL. Its ports stay reserved for {@link #restartEmpty}. */
  void kill() {
    process.kill();
  }

  /** Starts it again, with nothing of what it knew. */
  void restartEmpty() {
    process.close();
    process = launch();
    awaitLeader();
  }

  /** {@code host:port} of its HTTP API. */
  String address() {
    return "127.0.0.1:" + http;
  }

  Caller caller() {
    return new Caller("http://" + address());
  }

  @Override
  public void close() {
    process.close();
  }

  private ChildProcess launch() {
    return ChildProcess.start(
        "consul",
        List.of(
            RealPart.CONSUL.path().toString(),
            "agent",
            "-dev",
            "-node=real-parts",
            "-log-level=info",
            "-bind=127.0.0.1",
            "-client=127.0.0.1",
            "-http-port=" + http,
            "-server-port=" + server,
            "-serf-lan-port=" + serfLan,
            "-serf-wan-port=" + serfWan,
            "-dns-port=-1",
            "-grpc-port=-1"),
        Map.of());
  }

  private void awaitLeader() {
    Caller caller = caller();
    ChildProcess started = process;
    try {
      // The node must be in the catalogue, too: services registered before it are not listed yet.
      await("consul has a leader and knows itself")
          .atMost(READY)
          .failFast("consul ended", () -> !started.alive())
          .until(
              () ->
                  caller.ok("/v1/status/leader")
                      && caller.get("/v1/status/leader").body().length() > 4
                      && caller.get("/v1/catalog/nodes").json().size() == 1);
    } catch (RuntimeException e) {
      started.close();
      throw new AssertionError("consul wrote:\n" + started.output(), e);
    }
  }
}

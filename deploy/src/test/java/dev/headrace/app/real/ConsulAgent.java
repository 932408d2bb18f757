package dev.headrace.app.real;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

  /** Registers an instance of the router's default service, with a passing TTL check. */
  void register(String id, int port, String engine, String models) {
    put(
        "/v1/agent/service/register",
        """
        {"Name":"headrace-worker","ID":"%s","Address":"127.0.0.1","Port":%d,
         "Meta":{"engine":"%s","models":"%s"},
         "Check":{"CheckID":"service:%s","TTL":"600s","Status":"passing"}}"""
            .formatted(id, port, engine, models, id));
  }

  void deregister(String id) {
    caller().put("/v1/agent/service/deregister/" + id, "");
  }

  /** Sets the instance's TTL check: {@code pass}, {@code warn} or {@code fail}. */
  void check(String id, String outcome) {
    put("/v1/agent/check/" + outcome + "/service:" + id, "");
  }

  void maintenance(String id, boolean on) {
    put("/v1/agent/service/maintenance/" + id + "?enable=" + on + "&reason=test", "");
  }

  /** The ids of all instances that it knows. */
  Set<String> services() {
    Set<String> ids = new HashSet<>();
    caller().get("/v1/agent/services").json().fieldNames().forEachRemaining(ids::add);
    return ids;
  }

  private void put(String path, String body) {
    Caller.Answer answer = caller().put(path, body);
    if (answer.status() != 200) {
      throw new AssertionError("PUT " + path + " was answered " + answer);
    }
  }

  @Override
  public void close() {
    process.close();
  }

  private ChildProcess launch() {
    return ChildProcess.start(
        "consul",
        List.of(
            RealPart.CONSUL.program().toString(),
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

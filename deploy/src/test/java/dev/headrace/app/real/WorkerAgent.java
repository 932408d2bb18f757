package dev.headrace.app.real;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code headrace worker}: the packaged agent beside one engine, in a process of its own. */
final class WorkerAgent implements AutoCloseable {
  private final ChildProcess process;

  private WorkerAgent(ChildProcess process) {
    this.process = process;
  }

  /** Starts one that registers the engine at the URL in Consul under this id. */
  static WorkerAgent start(String id, String engineUrl, ConsulAgent consul) {
    List<String> command = new ArrayList<>();
    command.addAll(
        PackagedProgram.command(
            "worker", "--url", engineUrl, "--consul", consul.address(), "--id", id));
    return new WorkerAgent(ChildProcess.start("agent-" + id, command, Map.of()));
  }

  /** SIGTERM: it drains, deregisters and ends. The exit code. */
  int stop() {
    process.terminate();
    return process.await(Duration.ofSeconds(30));
  }

  boolean alive() {
    return process.alive();
  }

  @Override
  public void close() {
    process.close();
  }
}

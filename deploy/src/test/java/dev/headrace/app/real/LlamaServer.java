package dev.headrace.app.real;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real llama-server with a {@link TinyModel}, on a port of its own. */
final class LlamaServer implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(60);

  private final int port;
  private final String alias;
  private final ChildProcess process;

  private LlamaServer(int port, String alias, ChildProcess process) {
    this.port = port;
    this.alias = alias;
    this.process = process;
  }

  /**
   * Starts one and waits until it is healthy. It has one computing thread, mean pooling for
   * embeddings, and shows its slots and metrics.
   *
   * @param alias the model name that it tells
   * @param slots requests that it runs side by side
   * @param slotContext tokens that fit into one slot
   */
  static LlamaServer start(TinyModel model, String alias, int slots, int slotContext) {
    return start(FreePort.next(), model, alias, slots, slotContext);
  }

  /** As the other, on a port that is known before: for one that comes back. */
  static LlamaServer start(int port, TinyModel model, String alias, int slots, int slotContext) {
    List<String> command = command(port, model, alias, slots, slotContext);
    ChildProcess process =
        ChildProcess.start("llama-server", command, Map.of("LLAMA_ARG_OFFLINE", "1"));
    LlamaServer server = new LlamaServer(port, alias, process);
    try {
      await("llama-server answers /health")
          .atMost(READY)
          .failFast("llama-server ended", () -> !process.alive())
          .until(() -> server.caller().ok("/health"));
    } catch (RuntimeException e) {
      process.close();
      throw new AssertionError("llama-server wrote:\n" + process.output(), e);
    }
    return server;
  }

  /** The command line that {@link #start} runs. */
  static List<String> command(int port, TinyModel model, String alias, int slots, int slotContext) {
    List<String> command = new ArrayList<>();
    command.add(RealPart.LLAMA_SERVER.program().toString());
    try {
      command.addAll(List.of("-m", model.in(ChildProcess.folder()).toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    command.addAll(List.of("--host", "127.0.0.1", "--port", String.valueOf(port)));
    command.addAll(List.of("--alias", alias, "-t", "1", "-tb", "1"));
    command.addAll(List.of("-np", String.valueOf(slots)));
    command.addAll(List.of("-c", String.valueOf(slots * slotContext)));
    command.addAll(List.of("--metrics", "--slots", "--embeddings", "--pooling", "mean"));
    return command;
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  int port() {
    return port;
  }

  String alias() {
    return alias;
  }

  Caller caller() {
    return new Caller(url());
  }

  /** Slots that are at work now, by its own account. */
  int busySlots() {
    int busy = 0;
    for (var slot : caller().get("/slots").json()) {
      if (slot.path("is_processing").asBoolean()) {
        busy++;
      }
    }
    return busy;
  }

  /** SIGKILL: no farewell on any connection. */
  void kill() {
    process.kill();
  }

  @Override
  public void close() {
    process.close();
  }
}

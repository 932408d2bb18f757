package dev.headrace.app.real;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * The router as a user runs it: {@code headrace serve --config FILE}, from the packaged
 * distribution, in a process and a folder of its own.
 */
final class RouterProcess implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(60);

  private final Path config;
  private final int port;
  private final int adminPort;
  private final String key;
  private ChildProcess process;

  private RouterProcess(Path config, int port, int adminPort, String key) {
    this.config = config;
    this.port = port;
    this.adminPort = adminPort;
    this.key = key;
    process = launch();
  }

  /** A router that any caller may use, and ready. */
  static RouterProcess start(String settings) {
    return start(settings, "");
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param settings the configuration's YAML without addresses and credentials
   * @param key the only key that clients may use; empty: the port is open
   */
  static RouterProcess start(String settings, String key) {
    int port = FreePort.next();
    int adminPort = FreePort.next();
    try {
      Path folder = Files.createDirectories(ChildProcess.folder().resolve("router-" + port));
      Path config = folder.resolve("headrace.yaml");
      String auth = "";
      if (!key.isEmpty()) {
        Files.writeString(folder.resolve("keys.txt"), "suite:" + key + "\n");
        auth = "auth: { keys-file: keys.txt }\n";
      }
      Files.deleteIfExists(folder.resolve("fleet.json"));
      Files.writeString(
          config,
          "listen: 127.0.0.1:%d\nadmin: { listen: \"127.0.0.1:%d\" }\n%s%s"
              .formatted(port, adminPort, auth, settings));
      RouterProcess router = new RouterProcess(config, port, adminPort, key);
      router.awaitReady();
      return router;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The data port's URL, without a path. */
  String url() {
    return "http://127.0.0.1:" + port;
  }

  String adminUrl() {
    return "http://127.0.0.1:" + adminPort;
  }

  /** A caller of the data port, with the key when there is one. */
  Caller caller() {
    return key.isEmpty() ? new Caller(url()) : new Caller(url(), "authorization", "Bearer " + key);
  }

  Caller admin() {
    return new Caller(adminUrl());
  }

  /** Stops it with SIGTERM, waits for its end, and starts it again on the same ports. */
  void restart() {
    stop();
    process = launch();
    awaitReady();
  }

  /** SIGTERM, and the exit code that follows. */
  int stop() {
    process.terminate();
    return process.await(Duration.ofSeconds(30));
  }

  /** SIGTERM without waiting. */
  void terminate() {
    process.terminate();
  }

  String output() {
    return process.output();
  }

  @Override
  public void close() {
    process.close();
  }

  private ChildProcess launch() {
    return ChildProcess.start(
        "router", PackagedProgram.command("serve", "--config", config.toString()), Map.of());
  }

  private void awaitReady() {
    ChildProcess started = process;
    Caller probe = new Caller(url());
    try {
      await("the router is ready")
          .atMost(READY)
          .failFast("the router ended", () -> !started.alive())
          .until(() -> probe.ok("/readyz"));
    } catch (RuntimeException e) {
      started.close();
      throw new AssertionError("the router wrote:\n" + started.output(), e);
    }
  }
}

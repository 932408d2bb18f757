package dev.headrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program, run as a person runs it. */
class DemoIT {
  private static final Path PROGRAM = Path.of("target", "headrace", "headrace.jar");

  @TempDir private Path folder;

  @Test
  void once_shows_everything_and_ends_well_though_the_port_is_taken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Process process = start("demo", "--once", "--port", port, "--admin-port", "0");
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
      String out = output();
      assertThat(process.exitValue()).as(out).isZero();
      assertThat(out)
          .contains(port + " is taken", "gpu-new", "laptop", "curl -N", "from openai import OpenAI")
          .contains("every worker served")
          .doesNotContain("\u001b", "Exception", "WARNING", "SEVERE");
      assertThat(out.lines()).hasSizeLessThan(45);
    }
  }

  @Test
  void without_once_it_stays_until_a_signal_and_says_that_it_drains() throws Exception {
    Process process = start("demo", "--port", "0", "--admin-port", "0");
    try {
      awaitOutput(process, "Ctrl-C stops");
      assertThat(process.isAlive()).isTrue();
      process.destroy(); // SIGTERM
      assertThat(process.waitFor(45, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(output()).isZero();
      assertThat(output()).contains("Stopping", "Stopped.");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void serve_says_in_one_line_that_it_is_ready_and_drains_at_a_signal() throws Exception {
    Process process = start("serve", "--port", "0", "--admin-port", "0");
    try {
      awaitOutput(process, "is ready");
      assertThat(output())
          .containsPattern("is ready after [0-9.]+ s: API http://127.0.0.1:[0-9]+/v1, admin http:");
      process.destroy();
      assertThat(process.waitFor(45, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(output()).isZero();
      assertThat(output()).contains("stopping", "stopped");
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx384m", "-XX:TieredStopAtLevel=1", "-jar", PROGRAM.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("out").toFile())
        .start();
  }

  /** Waits for a text of a process that must stay; what it said so far is told when it does not. */
  private void awaitOutput(Process process, String text) {
    Awaitility.await()
        .atMost(90, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              String out = output();
              if (!process.isAlive() && !out.contains(text)) {
                throw new IllegalStateException("it ended: " + process.exitValue() + "\n" + out);
              }
              assertThat(out).contains(text);
            });
  }

  private String output() {
    try {
      return Files.readString(folder.resolve("out"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

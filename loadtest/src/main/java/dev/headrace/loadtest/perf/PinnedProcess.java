package dev.headrace.loadtest.perf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A program that runs on one core alone, and is ended with its children. */
final class PinnedProcess implements AutoCloseable {
  private static final long STOP_SECONDS = 5;

  private final String title;
  private final Process process;
  private final Path log;

  private PinnedProcess(String title, Process process, Path log) {
    this.title = title;
    this.process = process;
    this.log = log;
    // When the measuring program is ended from outside, what it started ends, too.
    Runtime.getRuntime().addShutdownHook(new Thread(this::destroy));
  }

  /** Its output goes to a file in {@code folder}, which is also where it runs. */
  static PinnedProcess start(String title, List<String> command, int core, Path folder)
      throws IOException {
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(core)));
    pinned.addAll(command);
    Path log = folder.resolve("output.log");
    Process process =
        new ProcessBuilder(pinned)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return new PinnedProcess(title, process, log);
  }

  /** CPU seconds of it and its children so far. */
  double cpuSeconds() {
    return ProcessCpu.seconds(process.toHandle());
  }

  /** The flags of a JVM, as far as they are about speed and memory; empty for other programs. */
  String jvmFlags() {
    return Stream.of(process.toHandle().info().arguments().orElse(new String[0]))
        .takeWhile(argument -> !argument.equals("-jar"))
        .filter(argument -> argument.matches("-X[Xm].*|-Dvertx\\..*"))
        .filter(argument -> !argument.startsWith("-XX:SharedArchiveFile="))
        .collect(Collectors.joining(" "));
  }

  /**
   * Waits until it accepts connections.
   *
   * @throws IllegalStateException when it ended or did not within {@code seconds}; with its output
   */
  void awaitPort(int port, int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < end && process.isAlive()) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
        return;
      } catch (IOException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
    throw new IllegalStateException(title + " does not listen on port " + port + ": " + output());
  }

  private String output() {
    try {
      return Files.readString(log).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<ProcessHandle> destroy() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    return children;
  }

  @Override
  public void close() {
    List<ProcessHandle> children = destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
  }
}

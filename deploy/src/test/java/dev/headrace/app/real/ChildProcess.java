package dev.headrace.app.real;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A program that a test started, with its output in a file below {@code target/real}. Whatever is
 * still alive when the test's JVM ends is killed then. Any thread.
 */
final class ChildProcess implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final Set<ChildProcess> ALIVE = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> ALIVE.forEach(child -> child.process.destroyForcibly())));
  }

  private final String name;
  private final Process process;
  private final Path log;

  private ChildProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  static ChildProcess start(String name, List<String> command, Map<String, String> environment) {
    try {
      Path folder = Files.createDirectories(folder());
      Path log = folder.resolve(name + "-" + COUNT.incrementAndGet() + ".log");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectOutput(log.toFile());
      builder.environment().putAll(environment);
      ChildProcess child = new ChildProcess(name, builder.start(), log);
      ALIVE.add(child);
      return child;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command.get(0), e);
    }
  }

  /** Where programs leave their output, and tests their generated files. */
  static Path folder() {
    return Path.of("target", "real").toAbsolutePath();
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Asks it to end (SIGTERM) and returns at once. */
  void terminate() {
    process.destroy();
  }

  /** Ends it without a word (SIGKILL) and waits until it is gone. */
  void kill() {
    process.destroyForcibly();
    await(Duration.ofSeconds(20));
  }

  /**
   * Waits for its end.
   *
   * @return the exit code
   * @throws AssertionError when it still lives after that time
   */
  int await(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(
            name + " still runs after " + limit.toSeconds() + " s; it wrote:\n" + output());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + name, e);
    }
    ALIVE.remove(this);
    return process.exitValue();
  }

  /** What it has written so far. */
  String output() {
    try {
      return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "(unreadable: " + e + ")";
    }
  }

  /** Ends it politely, and by force when that does not help within five seconds. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    ALIVE.remove(this);
  }
}

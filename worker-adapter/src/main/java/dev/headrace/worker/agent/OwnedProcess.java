package dev.headrace.worker.agent;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of an engine's process: from start to its end. What it writes comes out line by line.
 *
 * <p>No orphan is left: its descendants are ended with it, and where {@code setpriv} exists (Linux)
 * the kernel ends it when this JVM is killed without a word. The kernel means the thread that
 * started it, not the process; so one thread starts it, reads its output and waits for its end.
 *
 * <p>Callbacks come on the context; {@link #kill} may be called on any thread.
 */
final class OwnedProcess {
  private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

  private final Context context;
  private final List<String> command;
  private final Consumer<String> output;
  private final Promise<Integer> ended = Promise.promise();
  private final Promise<Void> started = Promise.promise();
  private volatile @Nullable Process process;
  private volatile boolean killed;

  /**
   * @param output gets each line, on the reading thread
   */
  OwnedProcess(Context context, List<String> command, Consumer<String> output) {
    this.context = context;
    this.command = List.copyOf(command);
    this.output = output;
  }

  /**
   * Starts it, once.
   *
   * @param threads makes the one thread of this run
   * @param onEnd gets the exit code, on the context
   * @return fails when the program cannot be started at all
   */
  Future<Void> start(ThreadFactory threads, IntConsumer onEnd) {
    ended.future().onSuccess(code -> context.runOnContext(v -> onEnd.accept(code)));
    threads.newThread(this::run).start();
    return started.future();
  }

  /** Asks it to end, and ends it with all its descendants when it has not after {@code limit}. */
  Future<Void> stop(Duration limit) {
    Process running = process;
    if (running == null || !running.isAlive()) {
      return Future.succeededFuture();
    }
    List<ProcessHandle> descendants = running.descendants().toList();
    // Not Process.destroy: it closes our end of the output, and with it what the engine has to say.
    running.toHandle().destroy();
    long timer = context.owner().setTimer(Math.max(1, limit.toMillis()), id -> kill());
    return ended
        .future()
        .onComplete(
            result -> {
              context.owner().cancelTimer(timer);
              descendants.forEach(ProcessHandle::destroyForcibly);
            })
        .<Void>mapEmpty();
  }

  /** Ends it and its descendants at once. Any thread; does not wait. */
  void kill() {
    killed = true;
    Process running = process;
    if (running != null) {
      List<ProcessHandle> descendants = running.descendants().toList();
      running.toHandle().destroyForcibly();
      descendants.forEach(ProcessHandle::destroyForcibly);
    }
  }

  boolean alive() {
    Process running = process;
    return running != null && running.isAlive();
  }

  private void run() {
    Process running;
    try {
      running =
          new ProcessBuilder(guarded())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .start();
    } catch (IOException e) {
      started.fail(e);
      return;
    }
    process = running;
    started.complete();
    // Not after the last line: a grandchild may hold the output open longer than the process lives.
    var unused = running.onExit().thenAccept(over -> ended.complete(over.exitValue()));
    if (killed) {
      kill();
    }
    read(running);
    waitFor(running);
  }

  private void read(Process running) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(running.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        output.accept(line);
      }
    } catch (IOException e) {
      // The stream ends in this way when the process was killed: nothing more to read.
      return;
    }
  }

  /** Keeps this thread for as long as the process lives; see the class comment. */
  private static void waitFor(Process running) {
    boolean interrupted = false;
    while (running.isAlive()) {
      try {
        running.waitFor();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private List<String> guarded() throws IOException {
    List<String> words = new ArrayList<>();
    if (Files.isExecutable(SETPRIV)) {
      words.addAll(List.of(SETPRIV.toString(), "--pdeathsig", "KILL", "--"));
    }
    words.add(program(command.get(0)).toString());
    words.addAll(command.subList(1, command.size()));
    return words;
  }

  private static Path program(String name) throws IOException {
    if (name.indexOf('/') >= 0) {
      Path given = Path.of(name);
      if (Files.isRegularFile(given) && Files.isExecutable(given)) {
        return given;
      }
      throw new IOException("'" + name + "' is no executable file");
    }
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(folder.isEmpty() ? "." : folder, name);
      if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    throw new IOException("'" + name + "' is not on PATH");
  }
}

package dev.headrace.worker.agent;

import dev.headrace.worker.WorkerHealth;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Owns the engine: starts it, starts it again when it ended, stops it. Confined to its context,
 * except {@link #kill}.
 *
 * <p>The pause before a new start doubles with each end in a row, from 1 s to 60 s, and is short
 * again after {@link #HEALTHY_ENOUGH} of health. An engine that was ready and then has not answered
 * for {@link #UNRESPONSIVE} while its process lives is hung: it is ended, and so started again.
 */
final class ProcessKeeper {
  static final Duration HEALTHY_ENOUGH = Duration.ofMinutes(1);
  static final Duration UNRESPONSIVE = Duration.ofMinutes(1);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LAST_PAUSE = Duration.ofMinutes(1);
  private static final Duration HUNG_STOP = Duration.ofSeconds(10);

  private final Context context;
  private final List<String> command;
  private final Consumer<String> output;
  private final Consumer<String> say;
  private final Consumer<String> onEnd;
  private final LongSupplier nanos;
  private final Backoff backoff;
  private volatile @Nullable OwnedProcess current;
  private volatile boolean stopping;
  private boolean wasReady;
  private long readySince;
  private long restartTimer = -1;
  private long hungTimer = -1;

  /**
   * @param output gets each line that the process writes, on a thread of its own
   * @param onEnd gets the reason each time the process has ended without being asked to
   */
  ProcessKeeper(
      Context context,
      List<String> command,
      Consumer<String> output,
      Consumer<String> say,
      Consumer<String> onEnd,
      LongSupplier nanos,
      RandomGenerator random) {
    this.context = context;
    this.command = List.copyOf(command);
    this.output = output;
    this.say = say;
    this.onEnd = onEnd;
    this.nanos = nanos;
    this.backoff = new Backoff(FIRST_PAUSE, LAST_PAUSE, random);
  }

  /**
   * @return fails when the program cannot be started at all
   */
  Future<Void> start() {
    OwnedProcess process = new OwnedProcess(context, command, output);
    current = process;
    wasReady = false;
    if (stopping) {
      return Future.failedFuture("stopping");
    }
    return process.start(ProcessKeeper::thread, code -> ended(process, code));
  }

  /** What the watch found, each time it changed. */
  void observed(WorkerHealth.State state) {
    cancelHung();
    if (state == WorkerHealth.State.READY) {
      wasReady = true;
      readySince = nanos.getAsLong();
    } else if (state == WorkerHealth.State.DOWN && wasReady) {
      resetWhenHealthyEnough();
      wasReady = false;
      hungTimer =
          context
              .owner()
              .setTimer(
                  UNRESPONSIVE.toMillis(),
                  id -> {
                    hungTimer = -1;
                    endHung();
                  });
    }
  }

  /** Stops it for good: asks it to end, and ends it by force after {@code limit}. */
  Future<Void> stop(Duration limit) {
    stopping = true;
    cancelHung();
    context.owner().cancelTimer(restartTimer);
    OwnedProcess process = current;
    return process == null ? Future.succeededFuture() : process.stop(limit);
  }

  /** Ends it at once and for good. Any thread; does not wait. */
  void kill() {
    stopping = true;
    OwnedProcess process = current;
    if (process != null) {
      process.kill();
    }
  }

  private void ended(OwnedProcess process, int code) {
    if (process != current) {
      return;
    }
    cancelHung();
    if (stopping) {
      return;
    }
    if (wasReady) {
      resetWhenHealthyEnough();
    }
    String reason = "its process ended with code " + code;
    onEnd.accept(reason);
    restartLater("the engine's process ended with code " + code);
  }

  private void restartLater(String reason) {
    long pause = backoff.next();
    say.accept(reason + "; starting it again in " + seconds(pause));
    restartTimer =
        context
            .owner()
            .setTimer(
                pause,
                id ->
                    start()
                        .onFailure(
                            failure ->
                                context.runOnContext(
                                    v -> {
                                      if (!stopping) {
                                        restartLater("cannot start it: " + failure.getMessage());
                                      }
                                    })));
  }

  private void endHung() {
    OwnedProcess process = current;
    if (!stopping && process != null && process.alive()) {
      say.accept(
          "the engine has not answered for "
              + UNRESPONSIVE.toSeconds()
              + " s though its process lives; ending it");
      process.stop(HUNG_STOP);
    }
  }

  private void resetWhenHealthyEnough() {
    if (nanos.getAsLong() - readySince >= HEALTHY_ENOUGH.toNanos()) {
      backoff.reset();
    }
  }

  private void cancelHung() {
    context.owner().cancelTimer(hungTimer);
    hungTimer = -1;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "engine-process");
    thread.setDaemon(true);
    return thread;
  }

  private static String seconds(long millis) {
    return String.format(java.util.Locale.ROOT, "%.1f s", millis / 1000.0);
  }
}

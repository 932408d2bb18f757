package dev.headrace.app.command;

import dev.headrace.loadtest.Progress;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Help.Ansi;

/**
 * One line on standard error that shows how a run stands; nothing when no person watches, that is
 * without a terminal. Called from one thread at a time.
 */
final class BenchProgress implements Consumer<Progress> {
  private static final String CLEAR = "\r" + " ".repeat(78) + "\r";

  private final PrintWriter err;
  private final boolean watched;

  BenchProgress(PrintWriter err) {
    this.err = err;
    this.watched = Ansi.AUTO.enabled();
  }

  @Override
  public synchronized void accept(Progress progress) {
    if (!watched) {
      return;
    }
    String ttft =
        Double.isNaN(progress.ttftMillis())
            ? ""
            : String.format(Locale.ROOT, ", ttft p50 %.1f ms", progress.ttftMillis());
    err.print(
        CLEAR
            + String.format(
                Locale.ROOT,
                "%d s: %d done, %d failed, %d in flight%s",
                progress.elapsed().toSeconds(),
                progress.completed(),
                progress.failed(),
                progress.inFlight(),
                ttft));
    err.flush();
  }

  /** Takes the line away. */
  synchronized void clear() {
    if (watched) {
      err.print(CLEAR);
      err.flush();
    }
  }
}

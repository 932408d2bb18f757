package dev.headrace.app.command;

import dev.headrace.app.StopSignals;
import dev.headrace.app.console.Style;
import dev.headrace.app.run.ProgramLog;
import dev.headrace.app.run.RunningRouter;
import dev.headrace.router.config.ConfigResult;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.AllowForbidden;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code headrace serve}: the router, until a signal ends it. */
@Command(
    name = "serve",
    description = "Run the router.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "SIGTERM or Ctrl-C: no new request, live streams finish within shutdown.grace; a second one"
          + " ends it at once. The file is read again when it changes; a bad one changes nothing."
    })
public final class ServeCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options = new ConfigOptions();

  @Option(
      names = {"-v", "--verbose"},
      description = "Log more: each failed attempt of a request, each trial of an ejected worker.")
  private boolean verbose;

  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public ServeCommand() {}

  @Override
  @AllowForbidden("the main thread waits for the signal; it has nothing else to do")
  public Integer call() throws InterruptedException {
    ProgramLog.use(verbose ? Level.FINE : Level.INFO);
    ConfigResult.Ok ok = options.require();
    PrintWriter out = spec.commandLine().getOut();
    Style style = Style.ofStandardOutput();
    CountDownLatch stop = new CountDownLatch(1);
    StopSignals.on(stop::countDown, () -> say(out, "ended at once"));
    try (RunningRouter router = RunningRouter.start(ok, options::load)) {
      say(out, style.strong("headrace") + " " + describe(router, ok.config()));
      stop.await();
      say(
          out,
          "stopping: live streams may finish within "
              + ok.config().shutdown().grace().toSeconds()
              + " s; a second signal ends at once");
    }
    say(out, "stopped");
    return 0;
  }

  private static String describe(RunningRouter router, HeadraceConfig config) {
    String notReady = router.notReady();
    return (notReady == null ? "is ready after " : "listens after ")
        + router.secondsToReady()
        + (notReady == null ? " s: API " : " s, but is not ready (" + notReady + "): API ")
        + router.dataUrl()
        + "/v1, admin "
        + router.adminUrl()
        + ", workers from "
        + FleetWords.sources(config.fleet());
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}

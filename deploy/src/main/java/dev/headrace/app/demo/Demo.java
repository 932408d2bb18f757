package dev.headrace.app.demo;

import dev.headrace.app.CommandFailure;
import dev.headrace.app.ExitCode;
import dev.headrace.app.StopSignals;
import dev.headrace.app.console.Style;
import dev.headrace.app.run.MainThread;
import dev.headrace.app.run.Ports;
import dev.headrace.app.run.ProgramLog;
import dev.headrace.app.run.RunningRouter;
import dev.headrace.router.config.ConfigLoader;
import dev.headrace.router.config.ConfigOverrides;
import dev.headrace.router.config.ConfigResult;
import dev.headrace.worker.AllowForbidden;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;

/** The demo from start to end. Runs on the command's thread. */
public final class Demo {
  private final PrintWriter out;
  private final Style style;
  private final CountDownLatch stop = new CountDownLatch(1);

  public Demo(PrintWriter out, Style style) {
    this.out = out;
    this.style = style;
  }

  /**
   * Runs it.
   *
   * @param port of the API; another one is taken when it is not free
   * @param adminPort of the admin side, likewise
   * @param once whether it ends after the show
   * @return the exit code
   */
  public int run(int port, int adminPort, boolean once) throws InterruptedException {
    ProgramLog.use(Level.OFF);
    StopSignals.on(stop::countDown, () -> {});
    ConfigResult.Ok config = config(free(port, "--port"), free(adminPort, "--admin-port"));
    try (RunningRouter router = RunningRouter.start(config, null)) {
      DemoFleet fleet = MainThread.await(DemoFleet.start(router.vertx(), router.adminUrl()));
      DemoClient client = new DemoClient(router.vertx(), router.dataUrl());
      @Nullable String wrong = show(router, fleet, client);
      if (!once) {
        stay();
      }
      MainThread.await(client.close());
      router.drain();
      MainThread.await(fleet.stop());
      if (once) {
        return verdict(wrong);
      }
      say("Stopped.");
    } catch (MainThread.FutureFailed e) {
      throw new CommandFailure(ExitCode.FAILED, "the demo cannot go on: " + e.reason());
    }
    return ExitCode.OK;
  }

  private @Nullable String show(RunningRouter router, DemoFleet fleet, DemoClient client) {
    DemoShow show = new DemoShow(out, style, router.dataUrl(), router.adminUrl());
    show.fleet(router.secondsToReady());
    List<DemoAnswer> answers = new ArrayList<>();
    answers.add(show.question(client));
    answers.addAll(show.crowd(client));
    Map<String, String> ids = MainThread.await(fleet.idsByPublicId());
    DemoScore score = DemoShow.scored(answers, ids);
    show.score(score);
    show.invitation();
    return score.wrong();
  }

  private int verdict(@Nullable String wrong) {
    if (wrong != null) {
      throw new CommandFailure(ExitCode.FAILED, "the demo failed: " + wrong);
    }
    say(style.good("All streams were whole, and every worker served."));
    return ExitCode.OK;
  }

  @AllowForbidden("the main thread waits for the signal; it has nothing else to do")
  private void stay() throws InterruptedException {
    say("Ctrl-C stops it.");
    stop.await();
    say(System.lineSeparator() + "Stopping: live streams may finish; Ctrl-C again ends at once.");
  }

  private int free(int port, String option) {
    if (port == 0) {
      return 0;
    }
    String why = Ports.unavailable(InetSocketAddress.createUnresolved("127.0.0.1", port));
    if (why == null) {
      return port;
    }
    say(style.quiet(why + "; taking a free port instead (" + option + " chooses one)"));
    return 0;
  }

  /** The defaults, whatever the environment says: a demo must not act on anybody's settings. */
  private static ConfigResult.Ok config(int port, int adminPort) {
    ConfigResult result =
        new ConfigLoader(Map.of()).load(null, new ConfigOverrides(port, adminPort, false));
    if (result instanceof ConfigResult.Ok ok) {
      return ok;
    }
    throw new CommandFailure(
        ExitCode.USAGE, ((ConfigResult.Refused) result).problems().get(0).toString());
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }
}

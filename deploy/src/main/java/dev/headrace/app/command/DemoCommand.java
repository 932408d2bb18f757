package dev.headrace.app.command;

import dev.headrace.app.console.Style;
import dev.headrace.app.demo.Demo;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code headrace demo}: the whole thing with simulated workers; nothing else is needed. */
@Command(
    name = "demo",
    description = "Show a router with four simulated workers; needs nothing else.",
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--once",
      description = "End after the show: 0 when every stream was whole and every worker served.")
  private boolean once;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8088",
      description =
          "Port of the API; a free one is taken when it is not. Default: ${DEFAULT-VALUE}")
  private int port;

  @Option(
      names = "--admin-port",
      paramLabel = "N",
      defaultValue = "8089",
      description = "Port of the admin side, likewise. Default: ${DEFAULT-VALUE}")
  private int adminPort;

  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public DemoCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    return new Demo(spec.commandLine().getOut(), Style.ofStandardOutput())
        .run(port, adminPort, once);
  }
}

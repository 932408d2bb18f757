package dev.headrace.app.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code headrace config check}: says every mistake at once; fit for a commit hook. */
@Command(
    name = "check",
    description =
        "Report every mistake of the configuration at once. Exit code 3 when there are any.",
    mixinStandardHelpOptions = true)
final class ConfigCheckCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options = new ConfigOptions();
  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  ConfigCheckCommand() {}

  @Override
  public Integer call() {
    options.require();
    Path file = options.file();
    spec.commandLine()
        .getOut()
        .println((file == null ? "no file" : file.toString()) + ": the configuration is good");
    return 0;
  }
}

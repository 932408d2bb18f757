package dev.headrace.app;

import dev.headrace.app.command.SimCommand;
import dev.headrace.app.command.VersionCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command line: it only names the commands. */
@Command(
    name = "headrace",
    description = "One OpenAI-compatible endpoint before a fleet of mixed model workers.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class,
    subcommands = {SimCommand.class, VersionCommand.class})
public final class HeadraceCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public HeadraceCommand() {}

  /**
   * The command line with this project's way to report failures: one line on standard error, no
   * stack trace.
   */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new HeadraceCommand());
    line.setExecutionExceptionHandler(
        (exception, command, parsed) -> {
          if (exception instanceof CommandFailure failure) {
            command.getErr().println("headrace: " + failure.getMessage());
            command.getErr().flush();
            return failure.exitCode();
          }
          throw exception;
        });
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is needed, such as demo or serve");
  }
}

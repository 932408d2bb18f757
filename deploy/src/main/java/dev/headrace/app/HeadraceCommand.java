package dev.headrace.app;

import dev.headrace.app.command.BenchCommand;
import dev.headrace.app.command.CompletionCommand;
import dev.headrace.app.command.ConfigCommand;
import dev.headrace.app.command.DemoCommand;
import dev.headrace.app.command.LabCommand;
import dev.headrace.app.command.ModelsCommand;
import dev.headrace.app.command.ServeCommand;
import dev.headrace.app.command.SimCommand;
import dev.headrace.app.command.VersionCommand;
import dev.headrace.app.command.WarmUpCommand;
import dev.headrace.app.command.WorkerCommand;
import dev.headrace.app.command.WorkersCommand;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command line: it only names the commands. */
@Command(
    name = "headrace",
    description = "One OpenAI-compatible endpoint before a fleet of mixed model workers.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class,
    subcommands = {
      BenchCommand.class,
      CompletionCommand.class,
      ConfigCommand.class,
      DemoCommand.class,
      LabCommand.class,
      ModelsCommand.class,
      ServeCommand.class,
      SimCommand.class,
      VersionCommand.class,
      WarmUpCommand.class,
      WorkerCommand.class,
      WorkersCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 all went well, 1 it failed, 2 the command line is wrong, 3 the configuration"
          + " is wrong, 4 an address is taken, 5 something needed does not answer."
    })
public final class HeadraceCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public HeadraceCommand() {}

  /**
   * The command line with this project's way to report failures: clear lines on standard error, no
   * stack trace.
   */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new HeadraceCommand());
    line.setUsageHelpAutoWidth(true);
    line.setParameterExceptionHandler(HeadraceCommand::wrongUsage);
    line.setExecutionExceptionHandler(
        (exception, command, parsed) -> {
          if (exception instanceof CommandFailure failure) {
            return fail(command, failure.getMessage(), failure.exitCode());
          }
          if (System.getenv("HEADRACE_TRACE") != null) {
            throw exception;
          }
          return fail(
              command,
              "a fault of Headrace itself: "
                  + exception
                  + ". HEADRACE_TRACE=1 shows where; please report it",
              ExitCode.FAILED);
        });
    return line;
  }

  private static int fail(CommandLine command, @Nullable String message, int exitCode) {
    command.getErr().println("headrace: " + message);
    command.getErr().flush();
    return exitCode;
  }

  /** What is wrong, what was probably meant, and where help is. */
  private static int wrongUsage(ParameterException exception, String[] args) {
    CommandLine command = exception.getCommandLine();
    String message = String.valueOf(exception.getMessage());
    List<String> unknown = command.getUnmatchedArguments();
    if (exception instanceof MissingParameterException && !unknown.isEmpty()) {
      // A misspelt option is also a missing one; both are needed to see it.
      message += "; unknown: " + String.join(", ", unknown);
    }
    fail(command, message, ExitCode.USAGE);
    CommandLine.UnmatchedArgumentException.printSuggestions(exception, command.getErr());
    command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    command.getErr().flush();
    return ExitCode.USAGE;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is needed, such as demo or serve");
  }
}

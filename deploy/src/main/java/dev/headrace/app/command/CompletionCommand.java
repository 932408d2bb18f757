package dev.headrace.app.command;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code headrace completion}: a script for bash and zsh, made from the commands themselves. */
@Command(
    name = "completion",
    description = "Print a completion script for bash and zsh: source <(headrace completion)",
    mixinStandardHelpOptions = true)
public final class CompletionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public CompletionCommand() {}

  @Override
  public Integer call() {
    String script = AutoComplete.bash("headrace", spec.root().commandLine());
    spec.commandLine().getOut().print(script);
    spec.commandLine().getOut().flush();
    return 0;
  }
}

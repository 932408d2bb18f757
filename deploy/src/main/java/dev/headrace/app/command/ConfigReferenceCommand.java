package dev.headrace.app.command;

import dev.headrace.router.config.ConfigReference;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code headrace config reference}: every key, from the schema that also checks files. */
@Command(
    name = "reference",
    description = "Print every key with type, default and meaning, as a commented YAML file.",
    mixinStandardHelpOptions = true)
final class ConfigReferenceCommand implements Callable<Integer> {
  @Option(names = "--markdown", description = "Print a Markdown table instead.")
  private boolean markdown;

  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  ConfigReferenceCommand() {}

  @Override
  public Integer call() {
    String text = markdown ? ConfigReference.markdown() : ConfigReference.yaml();
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
    return 0;
  }
}

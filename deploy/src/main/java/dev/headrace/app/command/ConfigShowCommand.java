package dev.headrace.app.command;

import dev.headrace.app.console.TextTable;
import dev.headrace.router.config.EffectiveSetting;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code headrace config show}: what holds, and who set it. */
@Command(
    name = "show",
    description = "Print every setting that holds, with the place that set it. Secrets are hidden.",
    mixinStandardHelpOptions = true)
final class ConfigShowCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options = new ConfigOptions();
  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  ConfigShowCommand() {}

  @Override
  public Integer call() {
    TextTable table = TextTable.of("SETTING", "VALUE", "SET BY");
    for (EffectiveSetting setting : options.require().settings()) {
      table.row(setting.path(), setting.value(), setting.origin().toString());
    }
    table.print(spec.commandLine().getOut(), "");
    return 0;
  }
}

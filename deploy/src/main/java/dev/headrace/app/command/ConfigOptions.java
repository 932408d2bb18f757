package dev.headrace.app.command;

import dev.headrace.app.CommandFailure;
import dev.headrace.app.ExitCode;
import dev.headrace.router.config.ConfigLoader;
import dev.headrace.router.config.ConfigOverrides;
import dev.headrace.router.config.ConfigProblem;
import dev.headrace.router.config.ConfigResult;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a command gets its configuration. */
final class ConfigOptions {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      defaultValue = "${env:HEADRACE_CONFIG}",
      description =
          "The configuration file; also HEADRACE_CONFIG. Without one, defaults and HEADRACE_…"
              + " variables hold.")
  private @Nullable Path file;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port of the API, over the file's. 0: any free one.")
  private @Nullable Integer port;

  @Option(
      names = "--admin-port",
      paramLabel = "N",
      description = "Port of the admin side, over the file's. 0: any free one.")
  private @Nullable Integer adminPort;

  @Option(
      names = "--insecure",
      description =
          "Allow to listen beyond loopback without credentials. Only for closed networks.")
  private boolean insecure;

  @Nullable Path file() {
    return file;
  }

  ConfigResult load() {
    return new ConfigLoader(System.getenv())
        .load(file, new ConfigOverrides(port, adminPort, insecure));
  }

  /** The configuration, or the end of the command with all mistakes. */
  ConfigResult.Ok require() {
    ConfigResult result = load();
    if (result instanceof ConfigResult.Refused refused) {
      throw new CommandFailure(ExitCode.CONFIG, describe(refused));
    }
    return (ConfigResult.Ok) result;
  }

  /** All mistakes, one to a line below a line that counts them. */
  static String describe(ConfigResult.Refused refused) {
    List<ConfigProblem> problems = refused.problems();
    StringBuilder text = new StringBuilder();
    text.append("the configuration has ")
        .append(problems.size() == 1 ? "a mistake:" : problems.size() + " mistakes:");
    for (ConfigProblem problem : problems) {
      text.append(System.lineSeparator()).append("  ").append(problem);
    }
    return text.toString();
  }
}

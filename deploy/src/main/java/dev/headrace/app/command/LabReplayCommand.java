package dev.headrace.app.command;

import dev.headrace.app.CommandFailure;
import dev.headrace.app.ExitCode;
import dev.headrace.loadtest.lab.Laboratory;
import dev.headrace.loadtest.lab.ReplayReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code headrace lab replay}: a router's recorded choices once more, with other policies. */
@Command(
    name = "replay",
    description =
        "What other policies would have made of a router's recorded choices, in simulated time.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The file is what GET /admin/v1/decisions of a router with logs.decisions gave, as JSON or"
          + " NDJSON. docs/explain.md says what is read of it."
    })
public final class LabReplayCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "The recorded choices.")
  private Path file;

  @Option(
      names = "--policy",
      paramLabel = "P",
      description = "A policy to replay; may be repeated (default: all that need no session key).")
  private List<String> policies = new ArrayList<>();

  @Option(
      names = "--choices",
      paramLabel = "CSV",
      description = "Write whom each policy would have chosen, a line for each recorded choice.")
  private @Nullable Path choices;

  @Option(
      names = "--chunk",
      paramLabel = "TOKENS",
      description =
          "Prompt tokens that an engine prefills in one step, 64 to 65536"
              + " (default ${DEFAULT-VALUE}).")
  private int chunk = Laboratory.DEFAULT_CHUNK;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of all draws (default ${DEFAULT-VALUE}).")
  private long seed = 7;

  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public LabReplayCommand() {}

  @Override
  public Integer call() {
    for (String policy : policies) {
      if (!ReplayReport.policies().contains(policy)) {
        throw new ParameterException(
            spec.commandLine(),
            "--policy is "
                + policy
                + "; expected one of "
                + String.join(", ", ReplayReport.policies())
                + (policy.equals("session") ? " (the log has no session keys)" : ""));
      }
    }
    if (chunk < 64 || chunk > 65_536) {
      throw new ParameterException(
          spec.commandLine(), "--chunk is " + chunk + "; expected 64 to 65536");
    }
    ReplayReport report;
    try {
      report =
          ReplayReport.of(
              file, policies.isEmpty() ? ReplayReport.policies() : policies, chunk, seed);
    } catch (ReplayReport.Unusable e) {
      throw new CommandFailure(ExitCode.FAILED, e.what());
    }
    PrintWriter out = spec.commandLine().getOut();
    report.table().forEach(out::println);
    Path lines = choices;
    if (lines != null) {
      try {
        Files.write(lines, report.choices());
      } catch (IOException e) {
        throw new CommandFailure(ExitCode.FAILED, lines + " cannot be written: " + e.getMessage());
      }
      out.println();
      out.println("choices: " + lines);
    }
    out.flush();
    return ExitCode.OK;
  }
}

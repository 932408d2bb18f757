package dev.headrace.app.command;

import dev.headrace.app.CommandFailure;
import dev.headrace.app.ExitCode;
import dev.headrace.loadtest.lab.LabReport;
import dev.headrace.loadtest.lab.Laboratory;
import dev.headrace.loadtest.lab.OverloadReport;
import dev.headrace.loadtest.lab.RouterRows;
import dev.headrace.loadtest.lab.SessionLaboratory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code headrace lab}: the balance policies beside an oracle, in virtual time. */
@Command(
    name = "lab",
    description =
        "Compare balance policies in simulated time: the router's own classes before simulated"
            + " engines, beside an oracle that knows all.",
    mixinStandardHelpOptions = true,
    subcommands = LabReplayCommand.class,
    footer = {"", "The same seed gives the same table. docs/balancing.md says what is simulated."})
public final class LabCommand implements Callable<Integer> {
  @Option(
      names = "--requests",
      paramLabel = "N",
      description = "Requests per policy and scenario, 1000 to 1000000 (default ${DEFAULT-VALUE}).")
  private int requests = 30_000;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of all draws (default ${DEFAULT-VALUE}).")
  private long seed = 7;

  @Option(
      names = "--chunk",
      paramLabel = "TOKENS",
      description =
          "Prompt tokens that an engine prefills in one step, 64 to 65536"
              + " (default ${DEFAULT-VALUE}).")
  private int chunk = Laboratory.DEFAULT_CHUNK;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a page with the distributions, too.")
  private @Nullable Path html;

  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public LabCommand() {}

  @Override
  public Integer call() {
    if (requests < 1_000 || requests > 1_000_000) {
      throw new ParameterException(
          spec.commandLine(), "--requests is " + requests + "; expected 1000 to 1000000");
    }
    if (chunk < 64 || chunk > 65_536) {
      throw new ParameterException(
          spec.commandLine(), "--chunk is " + chunk + "; expected 64 to 65536");
    }
    PrintWriter out = spec.commandLine().getOut();
    LabReport report = new Laboratory(requests, seed, chunk).run();
    report.table().forEach(out::println);
    out.println();
    List<String> conversations = new SessionLaboratory(requests, seed, chunk).table();
    conversations.forEach(out::println);
    RouterRows routers = RouterRows.run(requests, seed, chunk);
    out.println();
    routers.table().forEach(out::println);
    OverloadReport overload = OverloadReport.run(seed);
    out.println();
    overload.table().forEach(out::println);
    Path page = html;
    if (page != null) {
      try {
        String sections =
            SessionLaboratory.section(conversations) + routers.section() + overload.section();
        Files.writeString(page, report.html(sections));
      } catch (IOException e) {
        throw new CommandFailure(ExitCode.FAILED, page + " cannot be written: " + e.getMessage());
      }
      out.println();
      out.println("page: " + page);
    }
    out.flush();
    return ExitCode.OK;
  }
}

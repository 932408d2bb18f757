package dev.headrace.app.command;

import dev.headrace.app.console.TextTable;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code headrace workers}: the fleet of a running router, and what an operator does with it. */
@Command(
    name = "workers",
    description = "List the workers of a running router; drain or eject one.",
    mixinStandardHelpOptions = true)
public final class WorkersCommand implements Callable<Integer> {
  @Mixin private AdminOptions router = new AdminOptions();

  @Option(names = "--json", description = "Print the router's answer as it is.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public WorkersCommand() {}

  @Override
  public Integer call() {
    JsonObject answer = router.client().get("/admin/v1/workers");
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(answer.encodePrettily());
      return 0;
    }
    JsonArray workers = answer.getJsonArray("workers", new JsonArray());
    if (workers.isEmpty()) {
      out.println("No worker is known; 'headrace worker --url …' registers one.");
      return 0;
    }
    TextTable table =
        TextTable.of("ID", "SOURCE", "STATUS", "ENGINE", "MODELS", "IN FLIGHT", "LIMIT", "URL", "")
            .right(5, 6);
    for (int i = 0; i < workers.size(); i++) {
      JsonObject worker = workers.getJsonObject(i);
      table.row(
          Cells.text(worker, "id"),
          Cells.text(worker, "source"),
          Cells.text(worker, "status"),
          Cells.text(worker, "engine"),
          Cells.list(worker, "models"),
          Cells.text(worker, "in_flight"),
          Cells.text(worker, "max_concurrency"),
          Cells.text(worker, "url"),
          worker.getValue("reason") == null ? "" : Cells.text(worker, "reason"));
    }
    table.print(out, "");
    return 0;
  }

  @Command(
      name = "drain",
      description = "Give a worker no new request; its live streams finish.",
      mixinStandardHelpOptions = true)
  int drain(@Mixin AdminOptions options, @Parameters(paramLabel = "ID") String id) {
    return act(options, id, "drain", "drains: it gets no new request");
  }

  @Command(name = "undrain", description = "Take a drain back.", mixinStandardHelpOptions = true)
  int undrain(@Mixin AdminOptions options, @Parameters(paramLabel = "ID") String id) {
    return act(options, id, "undrain", "takes requests again");
  }

  @Command(
      name = "eject",
      description = "Take a worker out at once, whatever its checks say.",
      mixinStandardHelpOptions = true)
  int eject(@Mixin AdminOptions options, @Parameters(paramLabel = "ID") String id) {
    return act(options, id, "eject", "is out of the fleet until uneject");
  }

  @Command(
      name = "uneject",
      description = "Let an ejected worker in again.",
      mixinStandardHelpOptions = true)
  int uneject(@Mixin AdminOptions options, @Parameters(paramLabel = "ID") String id) {
    return act(options, id, "uneject", "is back in the fleet");
  }

  private int act(AdminOptions options, String id, String action, String done) {
    options.client().act(id, action);
    spec.commandLine().getOut().println("worker " + id + " " + done);
    return 0;
  }
}

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
import picocli.CommandLine.Spec;

/** {@code headrace models}: what a running router serves. */
@Command(
    name = "models",
    description = "List the models of a running router, their aliases and workers.",
    mixinStandardHelpOptions = true)
public final class ModelsCommand implements Callable<Integer> {
  @Mixin private AdminOptions router = new AdminOptions();

  @Option(names = "--json", description = "Print the router's answer as it is.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public ModelsCommand() {}

  @Override
  public Integer call() {
    JsonObject answer = router.client().get("/admin/v1/models");
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(answer.encodePrettily());
      return 0;
    }
    JsonArray models = answer.getJsonArray("models", new JsonArray());
    if (models.isEmpty()) {
      out.println("No worker serves a model now; 'headrace workers' lists the workers.");
      return 0;
    }
    TextTable table = TextTable.of("MODEL", "ALIASES", "READY", "WORKERS").right(2);
    for (int i = 0; i < models.size(); i++) {
      JsonObject model = models.getJsonObject(i);
      table.row(
          Cells.text(model, "id"),
          Cells.list(model, "aliases"),
          Cells.text(model, "routable"),
          Cells.list(model, "workers"));
    }
    table.print(out, "");
    return 0;
  }
}

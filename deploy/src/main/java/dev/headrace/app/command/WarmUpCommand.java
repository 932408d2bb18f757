package dev.headrace.app.command;

import dev.headrace.app.console.Style;
import dev.headrace.app.demo.Demo;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code headrace warm-up}: does once what other commands will do, so that the launcher can record
 * which classes they need. Not for people.
 */
@Command(name = "warm-up", description = "Load what other commands need.", hidden = true)
public final class WarmUpCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public WarmUpCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    for (String[] line : new String[][] {{"--help"}, {"config", "show"}, {"config", "reference"}}) {
      new CommandLine(spec.root().userObject()).setOut(nowhere).execute(line);
    }
    return new Demo(nowhere, Style.plain()).run(0, 0, true);
  }
}

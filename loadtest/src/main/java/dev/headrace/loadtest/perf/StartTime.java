package dev.headrace.loadtest.perf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.headrace.worker.AllowForbidden;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * How long {@code ./headrace serve} takes from its start to ready, and to the first token of a
 * first stream: with and without the class archive, in turns. Started by {@code
 * loadtest/perf/start-time} with the launcher, the number of runs and, unless it only prints, the
 * two result files.
 */
public final class StartTime {
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final String launcher;
  private final Path work;
  private final int worker;

  private StartTime(String launcher, Path work, int worker) {
    this.launcher = launcher;
    this.work = work;
    this.worker = worker;
  }

  /**
   * One start, in milliseconds since the command was given.
   *
   * @param cpu time of all processors that it took until the first token
   */
  private record Start(double ready, double firstToken, double cpu) {}

  @AllowForbidden("a program of its own: standard output is its console")
  public static void main(String[] args) throws IOException, InterruptedException {
    PrintStream out = System.out;
    String launcher = args[0];
    int runs = Integer.parseInt(args[1]);
    Path work = Files.createTempDirectory("headrace-start-time");
    int worker = FreePort.find();
    Process mock = MockWorker.launch(worker, work.resolve("mock.log"));
    Map<Boolean, List<Start>> starts = new LinkedHashMap<>();
    starts.put(true, new ArrayList<>());
    starts.put(false, new ArrayList<>());
    try {
      StartTime program = new StartTime(launcher, work, worker);
      PlainHttp mockPort = new PlainHttp(worker);
      until(System.nanoTime(), () -> mockPort.answers("/v1/models"));
      // Unmeasured: it brings the files into the page cache.
      program.start(true);
      for (int run = 1; run <= runs; run++) {
        for (Map.Entry<Boolean, List<Start>> variant : starts.entrySet()) {
          Start start = program.start(variant.getKey());
          variant.getValue().add(start);
          out.printf(
              Locale.ROOT,
              "run %d  %-22s ready %.0f ms, first token %.0f ms, CPU %.0f ms%n",
              run,
              title(variant.getKey()),
              start.ready(),
              start.firstToken(),
              start.cpu());
        }
      }
    } finally {
      mock.destroy();
      mock.waitFor(5, TimeUnit.SECONDS);
      TemporaryFolder.delete(work);
    }
    List<String> lines = markdown(launcher, runs, starts);
    lines.forEach(out::println);
    if (args.length == 4) {
      Files.writeString(Path.of(args[2]), String.join("\n", lines) + "\n");
      Files.writeString(Path.of(args[3]), json(starts));
    }
  }

  private Start start(boolean archive) throws IOException, InterruptedException {
    int port = FreePort.find();
    Path folder = Files.createTempDirectory(work, "run");
    List<String> command =
        Proxy.HEADRACE.prepare(
            folder, new ProxyPrograms("", "", launcher), port, FreePort.find(), worker);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output.log").toFile());
    if (!archive) {
      builder.environment().put("HEADRACE_NO_CDS", "1");
    }
    PlainHttp http = new PlainHttp(port);
    byte[] request = Workload.FIRST_TOKEN.request(port);
    long began = System.nanoTime();
    Process process = builder.start();
    try {
      double ready = until(began, () -> http.answers("/readyz"));
      double firstToken = until(began, () -> http.streams(request));
      return new Start(ready, firstToken, ProcessCpu.seconds(process.toHandle()) * 1e3);
    } catch (IllegalStateException e) {
      throw new IllegalStateException(Files.readString(folder.resolve("output.log")), e);
    } finally {
      process.destroy();
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  private static double until(long began, BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - began > LIMIT_NANOS) {
        throw new IllegalStateException("not within 60 s");
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
    return (System.nanoTime() - began) / 1e6;
  }

  private static String title(boolean archive) {
    return archive ? "with class archive" : "without class archive";
  }

  private static List<String> markdown(
      String launcher, int runs, Map<Boolean, List<Start>> starts) {
    List<String> lines = new ArrayList<>();
    lines.add("# How long the router takes to start");
    lines.add("");
    lines.add("Written by `loadtest/perf/start-time`; run it again to compare.");
    lines.add("");
    lines.add(
        "From the command `./headrace serve --config FILE`, with the program built before, to the"
            + " first 200 of `/readyz` and to the first token of a first stream through a static"
            + " worker. Milliseconds, median of "
            + runs
            + " runs in turns, and the lowest and highest. The launcher's own time is in it.");
    lines.add("");
    lines.add("| ms until | ready | first streamed token | CPU until then |");
    lines.add("|---|---:|---:|---:|");
    starts.forEach(
        (archive, list) ->
            lines.add(
                "| "
                    + title(archive)
                    + " | "
                    + Spread.of(list, Start::ready).text("%.0f")
                    + " | "
                    + Spread.of(list, Start::firstToken).text("%.0f")
                    + " | "
                    + Spread.of(list, Start::cpu).text("%.0f")
                    + " |"));
    lines.add("");
    lines.add(
        "The class archive (application class-data sharing) is recorded by the launcher when it"
            + " builds the program, or at the first start of a distribution; `HEADRACE_NO_CDS=1`"
            + " starts without it.");
    lines.add("");
    lines.add("## Measured with");
    lines.add("");
    Machine.facts().forEach((name, value) -> lines.add("- " + name + ": " + value));
    lines.add("- Headrace: " + Machine.version(List.of(launcher, "version")));
    return lines;
  }

  private static String json(Map<Boolean, List<Start>> starts) throws IOException {
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    ObjectNode root = mapper.createObjectNode();
    root.put("schema", "headrace-start-time/1");
    Machine.facts().forEach(root.putObject("machine")::put);
    starts.forEach(
        (archive, list) -> {
          var array = root.putArray(archive ? "with_class_archive" : "without_class_archive");
          list.forEach(
              start ->
                  array
                      .addObject()
                      .put("ready_ms", start.ready())
                      .put("first_token_ms", start.firstToken())
                      .put("cpu_ms", start.cpu()));
        });
    return mapper.writeValueAsString(root) + "\n";
  }
}

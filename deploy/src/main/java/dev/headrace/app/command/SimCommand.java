package dev.headrace.app.command;

import dev.headrace.app.CommandFailure;
import dev.headrace.app.ExitCode;
import dev.headrace.app.StopSignals;
import dev.headrace.worker.sim.CostParameters;
import dev.headrace.worker.sim.SimFaults;
import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.PrintWriter;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code headrace sim}: one simulated engine that listens until it is told to end. */
@Command(
    name = "sim",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Run a simulated engine: a real HTTP server with one engine's wire format,",
      "speeds from a cost model, and faults on demand."
    },
    footer = {
      "",
      "What it did: GET /sim/stats, GET /sim/requests?last=n, POST /sim/reset.",
      "Faults while it runs: PUT /sim/faults with JSON such as {\"die_after_tokens\":5}."
    })
public final class SimCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--engine",
      required = true,
      paramLabel = "ENGINE",
      description = "Dialect: vllm, tgi, llamacpp or sglang.")
  private String engine;

  @Option(
      names = "--port",
      required = true,
      paramLabel = "N",
      description = "Port to listen on; 0 takes a free one.")
  private int port;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address to listen on (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "NAME",
      description = "Model that it serves; may be repeated.")
  private List<String> models;

  @Option(
      names = "--adapter",
      paramLabel = "NAME",
      description = "LoRA adapter that it lists (vllm, sglang); may be repeated.")
  private List<String> adapters = List.of();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Told in the header x-sim-worker (default: the engine).")
  private @Nullable String name;

  @Option(names = "--api-key", paramLabel = "KEY", description = "Demand this Bearer token.")
  private @Nullable String apiKey;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Decides texts, lengths and chance (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--prefill",
      paramLabel = "TOKENS/S",
      description = "Prompt tokens read per second (default: 8000).")
  private @Nullable Double prefill;

  @Option(
      names = "--decode",
      paramLabel = "TOKENS/S",
      description = "Tokens per second of each stream, however many there are.")
  private @Nullable Double decode;

  @Option(
      names = "--step-ms",
      paramLabel = "MS",
      description = "Time of one decode step (default: 20); not with --decode.")
  private @Nullable Double stepMs;

  @Option(
      names = "--step-ms-per-stream",
      paramLabel = "MS",
      description = "What each stream adds to a step (default: 0.1); not with --decode.")
  private @Nullable Double stepMsPerStream;

  @Option(
      names = "--chunk",
      paramLabel = "TOKENS",
      description = "Most tokens of one step, decode and prefill together (default: 2048).")
  private @Nullable Integer chunk;

  @Option(
      names = "--jitter",
      paramLabel = "SHARE",
      description = "Share by which steps vary at random, 0 to below 1 (default: 0).")
  private @Nullable Double jitter;

  @Option(
      names = "--instant",
      description = "No time passes in the engine; not with the speeds above.")
  private boolean instant;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "Requests that run at once (default: vllm, sglang 256; tgi 128; llamacpp 4).")
  private @Nullable Integer slots;

  @Option(
      names = "--kv-blocks",
      paramLabel = "N",
      description = "Blocks of the KV cache, of 16 tokens (default: 32768).")
  private @Nullable Integer kvBlocks;

  @Option(
      names = "--context",
      defaultValue = "8192",
      paramLabel = "TOKENS",
      description = "Context length (default: ${DEFAULT-VALUE}).")
  private int context;

  @Option(
      names = "--output-tokens",
      defaultValue = "32",
      paramLabel = "N",
      description = "Length of an answer that nothing else ends (default: ${DEFAULT-VALUE}).")
  private int outputTokens;

  @Option(
      names = "--output-spread",
      defaultValue = "0",
      paramLabel = "SHARE",
      description = "Share by which that length varies (default: ${DEFAULT-VALUE}).")
  private double outputSpread;

  @Option(
      names = "--admission-limit",
      paramLabel = "N",
      description = {
        "tgi: requests in flight before it answers 429 (default: 128);",
        "sglang: waiting requests before it answers 503 (default: none)."
      })
  private @Nullable Integer admissionLimit;

  @Option(
      names = "--abort-delay-ms",
      defaultValue = "0",
      paramLabel = "MS",
      description = "How long it goes on after a client left (default: ${DEFAULT-VALUE}).")
  private int abortDelayMs;

  @Option(
      names = "--fault",
      paramLabel = "NAME=VALUE",
      description = "A fault from the start, such as die_after_tokens=5; may be repeated.")
  private Map<String, String> faults = new LinkedHashMap<>();

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public SimCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    SimOptions options = options();
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    CountDownLatch ended = new CountDownLatch(1);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    SimulatedWorker.start(vertx, options)
        .onSuccess(this::announce)
        .onFailure(
            cause -> {
              failure.set(cause);
              ended.countDown();
            });
    StopSignals.on(ended::countDown, () -> {});
    ended.await();
    CountDownLatch closed = new CountDownLatch(1);
    vertx.close().onComplete(done -> closed.countDown());
    closed.await();
    Throwable cause = failure.get();
    if (cause != null) {
      throw new CommandFailure(ExitCode.ADDRESS, reason(options, cause));
    }
    return ExitCode.OK;
  }

  private void announce(SimulatedWorker worker) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "simulated "
            + engine
            + " '"
            + worker.options().name()
            + "' serves "
            + String.join(", ", worker.options().models())
            + " on "
            + worker.url());
    out.flush();
  }

  private SimOptions options() {
    if (!SimOptions.ENGINES.contains(engine)) {
      throw usage(
          "--engine '"
              + engine
              + "' cannot be simulated; expected one of "
              + String.join(", ", SimOptions.ENGINES));
    }
    try {
      SimOptions options = SimOptions.of(engine);
      return options
          .withName(name == null ? engine : name)
          .withHost(host)
          .withPort(port)
          .withModels(models)
          .withAdapters(adapters)
          .withApiKey(apiKey)
          .withSeed(seed)
          .withCost(cost(options.cost()))
          .withContextTokens(context)
          .withOutputTokens(outputTokens, outputSpread)
          .withAdmissionLimit(admissionLimit == null ? options.admissionLimit() : admissionLimit)
          .withAbortDelay(abortDelayMs)
          .withFaults(SimFaults.of(faults));
    } catch (IllegalArgumentException wrong) {
      throw usage(String.valueOf(wrong.getMessage()));
    }
  }

  private CostParameters cost(CostParameters standard) {
    boolean steps = stepMs != null || stepMsPerStream != null;
    if (decode != null && steps) {
      throw new IllegalArgumentException("--decode excludes --step-ms and --step-ms-per-stream");
    }
    if (instant && (decode != null || steps || prefill != null || jitter != null)) {
      throw new IllegalArgumentException("--instant excludes all other speeds");
    }
    CostParameters cost = instant ? CostParameters.instant() : standard;
    if (prefill != null) {
      cost = cost.withPrefill(prefill);
    }
    if (decode != null) {
      cost = cost.withDecode(decode);
    }
    if (steps) {
      cost =
          cost.withStep(
              stepMs == null ? cost.stepMillis() : stepMs,
              stepMsPerStream == null ? cost.stepMillisPerSequence() : stepMsPerStream);
    }
    cost = slots == null ? cost : cost.withSlots(slots);
    cost = kvBlocks == null ? cost : cost.withKvBlocks(kvBlocks);
    cost = chunk == null ? cost : cost.withChunkTokens(chunk);
    return jitter == null ? cost : cost.withJitter(jitter);
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static String reason(SimOptions options, Throwable cause) {
    String address = options.host() + ":" + options.port();
    if (cause instanceof UnknownHostException) {
      return "cannot listen on " + address + ": the host name is unknown";
    }
    // The native transport has an exception of its own for a taken port, with the reason in it.
    return "cannot listen on "
        + address
        + ": "
        + cause.getMessage()
        + "; choose another --port or --host";
  }
}

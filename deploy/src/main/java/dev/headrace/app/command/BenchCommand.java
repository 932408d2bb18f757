package dev.headrace.app.command;

import dev.headrace.app.CommandFailure;
import dev.headrace.app.ExitCode;
import dev.headrace.loadtest.Benchmark;
import dev.headrace.loadtest.LoadOptions;
import dev.headrace.loadtest.LoadShape;
import dev.headrace.loadtest.TargetModels;
import dev.headrace.loadtest.plan.BenchEndpoint;
import dev.headrace.loadtest.plan.LengthLaw;
import dev.headrace.loadtest.result.LoadResult;
import dev.headrace.loadtest.result.ResultJson;
import dev.headrace.loadtest.result.ResultTable;
import dev.headrace.worker.AllowForbidden;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code headrace bench}: how fast is a worker, a fleet or a router, and may one believe it. */
@Command(
    name = "bench",
    description =
        "Measure first-token time, token gaps and throughput of anything that speaks the OpenAI"
            + " API.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Exit code 0: measured; 1: requests failed; 2: wrong option; 5: the address does not answer.",
      "Examples:",
      "  headrace bench --model llama-8b --rate 20 --duration 60s",
      "  headrace bench --url http://127.0.0.1:8000 --concurrency 16 --requests 1000 --json"
          + " result.json"
    })
public final class BenchCommand implements Callable<Integer> {
  private static final Duration DEFAULT_DURATION = Duration.ofSeconds(10);
  private static final int DEFAULT_USERS = 4;

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8088",
      description = "What to measure. Default: ${DEFAULT-VALUE}")
  private URI url;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "NAME",
      description = "Default: the first model that the address lists.")
  private @Nullable String model;

  @ArgGroup private @Nullable Load load;

  /** Open or closed loop: one of the two. */
  static final class Load {
    @Option(
        names = {"-r", "--rate"},
        paramLabel = "R",
        description =
            "Open loop: R requests per second with Poisson gaps, whether or not earlier ones are"
                + " answered. Latencies count from the planned start.")
    private double rate;

    @Option(
        names = {"-c", "--concurrency"},
        paramLabel = "N",
        description =
            "Closed loop: N users, each waits for its answer before it asks again. Default: 4")
    private int concurrency;
  }

  @Option(
      names = {"-d", "--duration"},
      paramLabel = "TIME",
      converter = DurationOption.class,
      description = "Length of the measured load. Default: 10s, or none with --requests")
  private @Nullable Duration duration;

  @Option(
      names = {"-n", "--requests"},
      paramLabel = "N",
      description = "End after so many measured requests.")
  private long requests;

  @Option(
      names = "--warmup",
      paramLabel = "TIME",
      converter = DurationOption.class,
      defaultValue = "2s",
      description = "The same load before it, in no figure. Default: ${DEFAULT-VALUE}")
  private Duration warmup;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "LAW",
      defaultValue = "256+-20%",
      description = "Prompt length, about one word per token. Default: ${DEFAULT-VALUE}")
  private String promptTokens;

  @Option(
      names = "--max-tokens",
      paramLabel = "LAW",
      defaultValue = "64",
      description = "Limit of each answer. Default: ${DEFAULT-VALUE}")
  private String maxTokens;

  @Option(
      names = "--ignore-eos",
      description = "Ask the worker to go on to that limit (vLLM, SGLang, llama.cpp).")
  private boolean ignoreEos;

  @Option(
      names = "--endpoint",
      paramLabel = "NAME",
      converter = EndpointWord.class,
      defaultValue = "chat",
      description = "chat, completions or embeddings. Default: ${DEFAULT-VALUE}")
  private BenchEndpoint endpoint;

  @Option(
      names = "--stream",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Ask for streamed answers (default) or not.")
  private boolean stream;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "The same seed sends the same requests at the same times. Default: 1")
  private long seed;

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      defaultValue = "${env:OPENAI_API_KEY}",
      description = "Sent as bearer token. Default: the variable OPENAI_API_KEY")
  private @Nullable String apiKey;

  @Option(
      names = "--max-in-flight",
      paramLabel = "N",
      defaultValue = "1024",
      description =
          "Open loop: at most so many unanswered requests; more wait, and the wait counts."
              + " Default: ${DEFAULT-VALUE}")
  private int maxInFlight;

  @Option(
      names = "--max-wait",
      paramLabel = "TIME",
      converter = DurationOption.class,
      defaultValue = "30s",
      description = "Open loop: drop a request that waited so long. Default: ${DEFAULT-VALUE}")
  private Duration maxWait;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = DurationOption.class,
      defaultValue = "120s",
      description = "Of one request. Default: ${DEFAULT-VALUE}")
  private Duration timeout;

  @Option(
      names = "--loops",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads that generate the load. Default: ${DEFAULT-VALUE}")
  private int loops;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the whole result there.")
  private @Nullable Path json;

  @Option(names = "--allow-failures", description = "Exit with 0 though requests failed.")
  private boolean allowFailures;

  /** Reads an endpoint by its word. */
  static final class EndpointWord implements ITypeConverter<BenchEndpoint> {
    @Override
    public BenchEndpoint convert(String text) {
      return Arrays.stream(BenchEndpoint.values())
          .filter(candidate -> candidate.word().equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "expected chat, completions or embeddings, not '" + text + "'"));
    }
  }

  @Spec private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  public BenchCommand() {}

  @Override
  public Integer call() {
    // The model is not known yet, but what is wrong on the command line is said before any contact.
    options(model == null ? "?" : model);
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops).setPreferNativeTransport(true));
    try {
      LoadOptions options = options(resolveModel(vertx));
      PrintWriter out = spec.commandLine().getOut();
      ResultTable.announce(options).forEach(out::println);
      out.println();
      out.flush();
      BenchProgress progress = new BenchProgress(spec.commandLine().getErr());
      LoadResult result = await(Benchmark.run(vertx, options, progress));
      progress.clear();
      ResultTable.of(result).forEach(out::println);
      out.flush();
      return conclude(result);
    } finally {
      await(vertx.close());
    }
  }

  private Integer conclude(LoadResult result) {
    if (json != null) {
      try {
        ResultJson.write(result, json);
      } catch (UncheckedIOException e) {
        throw new CommandFailure(
            ExitCode.FAILED, "the result cannot be written to " + json + ": " + e.getCause());
      }
    }
    long failed = result.counts().failed();
    if (failed > 0 && !allowFailures) {
      throw new CommandFailure(
          ExitCode.FAILED,
          failed
              + " of "
              + result.counts().started()
              + " requests failed (--allow-failures accepts that)");
    }
    return ExitCode.OK;
  }

  private LoadOptions options(String modelName) {
    boolean bounded = duration != null || requests > 0;
    try {
      return new LoadOptions(
          url,
          endpoint,
          modelName,
          stream,
          shape(),
          warmup,
          bounded ? duration : DEFAULT_DURATION,
          requests,
          LengthLaw.parse(promptTokens),
          LengthLaw.parse(maxTokens),
          seed,
          ignoreEos,
          apiKey == null || apiKey.isBlank() ? null : apiKey,
          timeout,
          maxWait,
          loops);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private LoadShape shape() {
    if (load == null) {
      return new LoadShape.Closed(DEFAULT_USERS);
    }
    return load.concurrency != 0
        ? new LoadShape.Closed(load.concurrency)
        : new LoadShape.Open(load.rate, maxInFlight);
  }

  private String resolveModel(Vertx vertx) {
    List<String> models;
    try {
      models = await(TargetModels.ask(vertx, url, apiKey));
    } catch (IllegalStateException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new CommandFailure(
          ExitCode.UNREACHABLE,
          "nothing answers at "
              + url
              + " ("
              + cause.getMessage()
              + "); start one with 'headrace demo', or name another with --url");
    }
    if (model != null) {
      return model;
    }
    if (models.isEmpty()) {
      throw new CommandFailure(
          ExitCode.USAGE, url + " lists no model; name the one to measure with --model");
    }
    return models.get(0);
  }

  @AllowForbidden("the command's own thread has nothing else to do than to wait for the run")
  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILED, "interrupted");
    }
  }
}

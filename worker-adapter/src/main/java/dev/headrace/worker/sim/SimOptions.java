package dev.headrace.worker.sim;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated engine is. Begin with {@link #of}, change with the {@code with…} methods.
 *
 * @param engine {@code vllm}, {@code tgi}, {@code llamacpp} or {@code sglang}
 * @param name told in the response header {@code x-sim-worker} and in {@code /sim/stats}
 * @param host address to listen on
 * @param port port to listen on, 0 for any free one
 * @param models names that it answers to, the first is its base model
 * @param adapters LoRA adapters of the base model, by name
 * @param apiKey what it demands as Bearer token, or null
 * @param seed decides texts, lengths, jitter and which requests a fault strikes
 * @param cost its speeds and sizes
 * @param faults what it does wrong from the start
 * @param contextTokens its context length: prompt and answer together
 * @param outputTokens how many tokens an answer has when nothing in the request ends it before
 * @param outputSpread share by which that length varies from prompt to prompt, 0 to below 1
 * @param admissionLimit TGI: requests in flight beyond which it answers 429; SGLang: waiting
 *     requests beyond which it answers 503; 0 is none. The other engines have no such limit.
 * @param abortDelayMs how long the engine goes on after a client left, as SGLang does for about 2 s
 */
public record SimOptions(
    String engine,
    String name,
    String host,
    int port,
    List<String> models,
    List<String> adapters,
    @Nullable String apiKey,
    long seed,
    CostParameters cost,
    SimFaults faults,
    int contextTokens,
    int outputTokens,
    double outputSpread,
    int admissionLimit,
    int abortDelayMs) {

  /** The dialects that can be simulated. */
  public static final List<String> ENGINES = List.of("vllm", "tgi", "llamacpp", "sglang");

  private static final Set<String> LIMITED = Set.of("tgi", "sglang");

  public SimOptions {
    models = List.copyOf(models);
    adapters = List.copyOf(adapters);
    require(
        ENGINES.contains(engine),
        "engine '" + engine + "' cannot be simulated; one of " + String.join(", ", ENGINES));
    require(!name.isBlank(), "the name must not be empty");
    require(
        name.chars().allMatch(c -> c > 32 && c < 127),
        "the name must be printable ASCII without blanks, got '" + name + "'");
    require(port >= 0 && port <= 65_535, "the port must be 0 to 65535, got " + port);
    require(!models.isEmpty(), "at least one model is needed");
    require(
        models.stream().noneMatch(String::isBlank) && adapters.stream().noneMatch(String::isBlank),
        "a model's name must not be empty");
    require(apiKey == null || !apiKey.isBlank(), "the API key must not be empty");
    require(contextTokens >= 2, "the context must be at least 2 tokens");
    require(outputTokens >= 1, "answers must have at least 1 token");
    require(outputSpread >= 0 && outputSpread < 1, "the spread must be 0 or more and below 1");
    require(
        admissionLimit == 0 || (admissionLimit > 0 && LIMITED.contains(engine)),
        engine + " has no limit for waiting requests: only tgi and sglang have");
    require(abortDelayMs >= 0 && abortDelayMs <= 600_000, "the abort delay must be 0 to 600000 ms");
    require(
        adapters.isEmpty() || engine.equals("vllm") || engine.equals("sglang"),
        engine + " does not list adapters as models: only vllm and sglang do");
  }

  /** An engine of this dialect with one model {@code m} on any free loopback port. */
  public static SimOptions of(String engine) {
    return new SimOptions(
        engine,
        engine,
        "127.0.0.1",
        0,
        List.of("m"),
        List.of(),
        null,
        1,
        CostParameters.standard().withSlots(slots(engine)),
        SimFaults.NONE,
        8192,
        32,
        0,
        engine.equals("tgi") ? 128 : 0,
        0);
  }

  private static int slots(String engine) {
    return switch (engine) {
      case "llamacpp" -> 4;
      case "tgi" -> 128;
      default -> 256;
    };
  }

  public SimOptions withName(String name) {
    return changed(draft -> draft.name = name);
  }

  public SimOptions withHost(String host) {
    return changed(draft -> draft.host = host);
  }

  public SimOptions withPort(int port) {
    return changed(draft -> draft.port = port);
  }

  public SimOptions withModels(String... models) {
    return withModels(List.of(models));
  }

  public SimOptions withModels(List<String> models) {
    return changed(draft -> draft.models = models);
  }

  public SimOptions withAdapters(List<String> adapters) {
    return changed(draft -> draft.adapters = adapters);
  }

  public SimOptions withApiKey(@Nullable String apiKey) {
    return changed(draft -> draft.apiKey = apiKey);
  }

  public SimOptions withSeed(long seed) {
    return changed(draft -> draft.seed = seed);
  }

  public SimOptions withCost(CostParameters cost) {
    return changed(draft -> draft.cost = cost);
  }

  /** Each stream at this many tokens per second, however many there are. */
  public SimOptions withDecode(double tokensPerSecond) {
    return withCost(cost.withDecode(tokensPerSecond));
  }

  public SimOptions withPrefill(double tokensPerSecond) {
    return withCost(cost.withPrefill(tokensPerSecond));
  }

  public SimOptions withSlots(int slots) {
    return withCost(cost.withSlots(slots));
  }

  /** No time passes in the engine. */
  public SimOptions instant() {
    return withCost(CostParameters.instant());
  }

  public SimOptions withFaults(SimFaults faults) {
    return changed(draft -> draft.faults = faults);
  }

  public SimOptions withContextTokens(int tokens) {
    return changed(draft -> draft.contextTokens = tokens);
  }

  public SimOptions withOutputTokens(int tokens) {
    return withOutputTokens(tokens, 0);
  }

  public SimOptions withOutputTokens(int tokens, double spread) {
    return changed(
        draft -> {
          draft.outputTokens = tokens;
          draft.outputSpread = spread;
        });
  }

  public SimOptions withAdmissionLimit(int requests) {
    return changed(draft -> draft.admissionLimit = requests);
  }

  public SimOptions withAbortDelay(int millis) {
    return changed(draft -> draft.abortDelayMs = millis);
  }

  /** The base model, under the name that answers carry when none was asked for. */
  String baseModel() {
    return models.get(0);
  }

  boolean serves(String model) {
    return models.contains(model) || adapters.contains(model);
  }

  private SimOptions changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** The fields, while one of them changes. */
  private static final class Draft {
    private String engine;
    private String name;
    private String host;
    private int port;
    private List<String> models;
    private List<String> adapters;
    private @Nullable String apiKey;
    private long seed;
    private CostParameters cost;
    private SimFaults faults;
    private int contextTokens;
    private int outputTokens;
    private double outputSpread;
    private int admissionLimit;
    private int abortDelayMs;

    Draft(SimOptions from) {
      engine = from.engine;
      name = from.name;
      host = from.host;
      port = from.port;
      models = from.models;
      adapters = from.adapters;
      apiKey = from.apiKey;
      seed = from.seed;
      cost = from.cost;
      faults = from.faults;
      contextTokens = from.contextTokens;
      outputTokens = from.outputTokens;
      outputSpread = from.outputSpread;
      admissionLimit = from.admissionLimit;
      abortDelayMs = from.abortDelayMs;
    }

    SimOptions options() {
      return new SimOptions(
          engine,
          name,
          host,
          port,
          models,
          adapters,
          apiKey,
          seed,
          cost,
          faults,
          contextTokens,
          outputTokens,
          outputSpread,
          admissionLimit,
          abortDelayMs);
    }
  }
}

package dev.headrace.worker.sim;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Text Generation Inference. */
final class TgiDialect implements SimDialect {
  static final String VERSION = "3.3.7";
  static final String FINGERPRINT = VERSION + "-native";

  private final Map<String, SimRoute> routes;

  TgiDialect() {
    TgiChat chat = new TgiChat();
    routes =
        new RouteTable()
            .generating(chat, "/v1/chat/completions")
            .generating(new Completions(Completions.Style.TGI, chat::failure), "/v1/completions")
            .generating(new TgiGenerate(false), "/generate")
            .generating(new TgiGenerate(true), "/generate_stream")
            .question(TokenizerPages::tgi, "/tokenize")
            .question(TokenizerPages::tgiChat, "/chat_tokenize")
            .page(TgiDialect::models, "/v1/models")
            .page(TgiDialect::info, "/info")
            .page(view -> Reply.empty(200), "/health", "/ping", "/")
            .load((view, request) -> metrics(view), "/metrics")
            .routes();
  }

  @Override
  public Map<String, SimRoute> routes() {
    return routes;
  }

  @Override
  public HeadTiming headTiming() {
    return HeadTiming.AT_ONCE;
  }

  @Override
  public Map<String, String> headers() {
    return Map.of("vary", "origin, access-control-request-method, access-control-request-headers");
  }

  @Override
  public int pingMs(JsonObject body) {
    return 15_000;
  }

  @Override
  public ConnectionHabits connections() {
    return ConnectionHabits.HYPER;
  }

  @Override
  public boolean guarded(String path) {
    return path.equals("/tokenize")
        || path.startsWith("/generate")
        || path.equals("/")
        || path.endsWith("/completions");
  }

  @Override
  public Reply refusal(Refusal refusal, String path) {
    return switch (refusal.kind()) {
      case UNAUTHORIZED, NOT_FOUND, METHOD_NOT_ALLOWED -> Reply.empty(refusal.kind().status);
      case BAD_JSON ->
          Reply.text(400, "Failed to parse the request body as JSON: " + refusal.message());
      default -> Reply.json(status(refusal), error(refusal));
    };
  }

  private static int status(Refusal refusal) {
    return switch (refusal.kind()) {
      case OVERLOADED, RATE_LIMITED -> 429;
      case INTERNAL -> 424;
      case TOO_LARGE -> 413;
      default -> 422;
    };
  }

  /** TGI's own form, also used for events of its native stream. */
  static JsonObject error(Refusal refusal) {
    String type =
        switch (refusal.kind()) {
          case OVERLOADED, RATE_LIMITED -> "overloaded";
          case INTERNAL -> "generation";
          default -> "validation";
        };
    return new JsonObject().put("error", refusal.message()).put("error_type", type);
  }

  @Override
  public boolean refusesInStream(Refusal.Kind kind) {
    return kind == Refusal.Kind.OVERLOADED || kind == Refusal.Kind.CONTEXT_TOO_LONG;
  }

  @Override
  public String overloadMessage() {
    return "Model is overloaded";
  }

  @Override
  public String tooLongMessage(int promptTokens, int contextTokens) {
    return "Input validation error: `inputs` tokens + `max_new_tokens` must be <= "
        + contextTokens
        + ". Given: "
        + promptTokens
        + " `inputs` tokens";
  }

  @Override
  public @Nullable Reply notReady(String path) {
    return path.equals("/health") || path.equals("/ping") || path.equals("/")
        ? Reply.json(
            503, new JsonObject().put("error", "unhealthy").put("error_type", "healthcheck"))
        : null;
  }

  @Override
  public boolean checksModel() {
    return false;
  }

  @Override
  public String toldModel(SimOptions options, String asked) {
    return asked.isEmpty() || asked.equals("tgi") ? options.baseModel() : asked;
  }

  /** The headers with times that non-streaming answers carry. */
  static Map<String, String> timings(Answer answer) {
    long prompt = answer.promptNanos / 1_000_000;
    long decode = answer.decodeNanos / 1_000_000;
    return Map.of(
        "x-compute-type",
        "1-simulated",
        "x-total-time",
        Long.toString(prompt + decode),
        "x-queue-time",
        "0",
        "x-inference-time",
        Long.toString(prompt + decode),
        "x-time-per-token",
        Long.toString(decode / answer.length),
        "x-prompt-tokens",
        Integer.toString(answer.promptTokens()),
        "x-generated-tokens",
        Integer.toString(answer.length));
  }

  private static Reply models(EngineView view) {
    String model = view.options().baseModel();
    return Reply.json(
        new JsonObject()
            .put("object", "list")
            .put(
                "data",
                new JsonArray()
                    .add(
                        new JsonObject()
                            .put("id", model)
                            .put("object", "model")
                            .put("created", 0)
                            .put("owned_by", model))));
  }

  private static Reply info(EngineView view) {
    SimOptions options = view.options();
    return Reply.json(
        new JsonObject()
            .put("model_id", options.baseModel())
            .putNull("model_sha")
            .put("model_pipeline_tag", "text-generation")
            .put("max_concurrent_requests", options.admissionLimit())
            .put("max_best_of", 2)
            .put("max_stop_sequences", 4)
            .put("max_input_tokens", options.contextTokens() - 1)
            .put("max_total_tokens", options.contextTokens())
            .put("validation_workers", 2)
            .put("max_client_batch_size", 4)
            .put("router", "text-generation-router")
            .put("version", VERSION)
            .putNull("sha")
            .put("docker_label", "native"));
  }

  private static Reply metrics(EngineView view) {
    SimStats stats = view.stats();
    CostParameters cost = view.options().cost();
    long capacity = (long) cost.kvBlocks() * cost.blockTokens();
    return new MetricsText("")
        .gauge("tgi_queue_size", view.waiting())
        .gauge("tgi_batch_current_size", view.running())
        .gauge("tgi_batch_current_max_tokens", Math.round(view.kvUsage() * capacity))
        .gauge("tgi_batch_max_total_tokens", capacity)
        .counter("tgi_request_count", stats.served())
        .counter("tgi_request_success", stats.completed())
        .series("tgi_request_failure", "counter", "err=\"dropped\"", stats.aborted())
        .reply();
  }
}

package dev.headrace.worker.sim;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** vLLM's OpenAI server. */
final class VllmDialect implements SimDialect {
  static final String VERSION = "0.12.0";

  private final Map<String, SimRoute> routes;

  VllmDialect(SimOptions options) {
    VllmChat chat = new VllmChat();
    routes =
        new RouteTable()
            .generating(chat, "/v1/chat/completions")
            .generating(new Completions(Completions.Style.VLLM, chat::failure), "/v1/completions")
            .generating(new OpenAiResponses(), "/v1/responses")
            .generating(new AnthropicMessages(), "/v1/messages")
            .question(AnthropicMessages::countTokens, "/v1/messages/count_tokens")
            .reading(body -> ReadingForms.embeddings(body, "embd-"), "/v1/embeddings", "/pooling")
            .reading(body -> ReadingForms.rerank(body, true), "/v1/rerank", "/rerank", "/v2/rerank")
            .reading(ReadingForms::score, "/v1/score", "/score")
            .reading(ReadingForms::classify, "/classify")
            .form(
                form -> ReadingForms.transcription(form, options.seed()),
                "/v1/audio/transcriptions",
                "/v1/audio/translations")
            .question(body -> TokenizerPages.tokenize(body, options.contextTokens()), "/tokenize")
            .question(body -> TokenizerPages.detokenize(body, "prompt"), "/detokenize")
            .page(VllmDialect::models, "/v1/models")
            .page(view -> Reply.empty(200), "/health", "/ping")
            .page(view -> Reply.json(new JsonObject().put("version", VERSION)), "/version")
            .load(
                (view, request) ->
                    Reply.json(
                        new JsonObject().put("server_load", view.running() + view.waiting())),
                "/load")
            .load((view, request) -> VllmMetrics.of(view), "/metrics")
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
    return Map.of("server", "uvicorn");
  }

  /** ORCA's header, on chat and completions alone. */
  @Override
  public Map<String, String> loadHeaders(HttpServerRequest request, Supplier<EngineView> view) {
    String format = request.getHeader("endpoint-load-metrics-format");
    if (format == null
        || !(request.path().equals("/v1/chat/completions")
            || request.path().equals("/v1/completions"))) {
      return Map.of();
    }
    String value = VllmMetrics.orca(view.get(), format);
    return value == null ? Map.of() : Map.of("endpoint-load-metrics", value);
  }

  @Override
  public int pingMs(JsonObject body) {
    return 0;
  }

  @Override
  public ConnectionHabits connections() {
    return ConnectionHabits.UVICORN;
  }

  @Override
  public boolean guarded(String path) {
    return path.startsWith("/v1") || path.startsWith("/v2");
  }

  @Override
  public Reply refusal(Refusal refusal, String path) {
    if (path.startsWith("/v1/messages")) {
      return Reply.json(refusal.kind().status, AnthropicMessages.error(refusal));
    }
    return switch (refusal.kind()) {
      case UNAUTHORIZED -> Reply.json(401, new JsonObject().put("error", "Unauthorized"));
      case NOT_FOUND -> Reply.json(404, new JsonObject().put("detail", "Not Found"));
      case METHOD_NOT_ALLOWED ->
          Reply.json(405, new JsonObject().put("detail", "Method Not Allowed"));
      default -> {
        int status = refusal.kind().status;
        yield Reply.json(status, error(refusal, status));
      }
    };
  }

  static JsonObject error(Refusal refusal, int status) {
    String type =
        switch (refusal.kind()) {
          case BAD_JSON -> "Bad Request";
          case UNKNOWN_MODEL -> "NotFoundError";
          case INTERNAL -> "InternalServerError";
          case OVERLOADED -> "ServiceUnavailableError";
          case RATE_LIMITED -> "RateLimitError";
          default -> "BadRequestError";
        };
    return new JsonObject()
        .put(
            "error",
            new JsonObject()
                .put("message", refusal.message())
                .put("type", type)
                .put("param", refusal.param())
                .put("code", status));
  }

  @Override
  public boolean refusesInStream(Refusal.Kind kind) {
    return false;
  }

  @Override
  public String overloadMessage() {
    return "The service is unavailable";
  }

  @Override
  public String tooLongMessage(int promptTokens, int contextTokens) {
    return "This model's maximum context length is "
        + contextTokens
        + " tokens. However, your request has "
        + promptTokens
        + " input tokens and wants more output than is left.";
  }

  @Override
  public @Nullable Reply notReady(String path) {
    return path.equals("/health") || path.equals("/ping") ? Reply.empty(503) : null;
  }

  @Override
  public boolean checksModel() {
    return true;
  }

  @Override
  public String toldModel(SimOptions options, String asked) {
    return asked.isEmpty() ? options.baseModel() : asked;
  }

  private static Reply models(EngineView view) {
    SimOptions options = view.options();
    JsonArray cards = new JsonArray();
    for (String model : options.models()) {
      cards.add(card(view, model).putNull("parent").put("max_model_len", options.contextTokens()));
    }
    for (String adapter : options.adapters()) {
      cards.add(card(view, adapter).put("parent", options.baseModel()).putNull("max_model_len"));
    }
    return Reply.json(new JsonObject().put("object", "list").put("data", cards));
  }

  private static JsonObject card(EngineView view, String model) {
    return new JsonObject()
        .put("id", model)
        .put("object", "model")
        .put("created", (long) view.now())
        .put("owned_by", "vllm")
        .put("root", view.options().baseModel())
        .put("permission", new JsonArray());
  }
}

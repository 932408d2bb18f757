package dev.headrace.worker.sim;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** SGLang's server, started with {@code --enable-metrics --enable-cache-report}. */
final class SglangDialect implements SimDialect {
  static final String VERSION = "0.5.9";

  private final Map<String, SimRoute> routes;

  SglangDialect(SimOptions options) {
    SglangChat chat = new SglangChat();
    routes =
        new RouteTable()
            .generating(chat, "/v1/chat/completions")
            .generating(new Completions(Completions.Style.SGLANG, chat::failure), "/v1/completions")
            .generating(new OpenAiResponses(), "/v1/responses")
            .generating(new AnthropicMessages(), "/v1/messages")
            .question(AnthropicMessages::countTokens, "/v1/messages/count_tokens")
            .reading(body -> ReadingForms.embeddings(body, ""), "/v1/embeddings")
            .reading(ReadingForms::sglangRerank, "/v1/rerank")
            .reading(ReadingForms::sglangScore, "/v1/score")
            .reading(ReadingForms::classify, "/v1/classify")
            .form(
                form -> ReadingForms.transcription(form, options.seed()),
                "/v1/audio/transcriptions")
            .question(
                body -> TokenizerPages.tokenize(body, options.contextTokens()),
                "/tokenize",
                "/v1/tokenize")
            .question(
                body -> TokenizerPages.detokenize(body, "text"), "/detokenize", "/v1/detokenize")
            .page(SglangPages::models, "/v1/models")
            .page(view -> Reply.empty(200), "/health", "/health_generate", "/ping")
            .page(SglangPages::modelInfo, "/model_info", "/get_model_info")
            .page(SglangPages::serverInfo, "/server_info", "/get_server_info")
            .load((view, request) -> SglangPages.loads(view), "/v1/loads")
            .load((view, request) -> SglangPages.oldLoad(view), "/get_load")
            .load((view, request) -> SglangPages.metrics(view), "/metrics")
            .routes();
  }

  @Override
  public Map<String, SimRoute> routes() {
    return routes;
  }

  @Override
  public HeadTiming headTiming() {
    return HeadTiming.WITH_FIRST_TOKEN;
  }

  @Override
  public Map<String, String> headers() {
    return Map.of("server", "uvicorn");
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
    return !path.startsWith("/health") && !path.startsWith("/metrics");
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
        JsonObject error = error(refusal);
        boolean nested = path.equals("/generate") || path.equals("/v1/responses");
        yield Reply.json(
            refusal.kind().status, nested ? new JsonObject().put("error", error) : error);
      }
    };
  }

  static JsonObject error(Refusal refusal) {
    String type =
        switch (refusal.kind()) {
          case BAD_JSON -> "Bad Request";
          case OVERLOADED -> "SERVICE_UNAVAILABLE";
          case RATE_LIMITED -> "RateLimitError";
          case INTERNAL -> "InternalServerError";
          case UNKNOWN_MODEL -> "NotFoundError";
          default -> "BadRequestError";
        };
    return new JsonObject()
        .put("object", "error")
        .put("message", refusal.message())
        .put("type", type)
        .put("param", refusal.param())
        .put("code", refusal.kind().status);
  }

  @Override
  public boolean refusesInStream(Refusal.Kind kind) {
    return kind == Refusal.Kind.OVERLOADED;
  }

  @Override
  public String overloadMessage() {
    return "The request queue is full.";
  }

  @Override
  public String tooLongMessage(int promptTokens, int contextTokens) {
    return "Requested token count exceeds the model's maximum context length of "
        + contextTokens
        + " tokens. You requested a total with "
        + promptTokens
        + " tokens from the input messages.";
  }

  @Override
  public @Nullable Reply notReady(String path) {
    return path.startsWith("/health") ? Reply.empty(503) : null;
  }

  @Override
  public boolean checksModel() {
    return false;
  }

  @Override
  public String toldModel(SimOptions options, String asked) {
    return asked.isEmpty() ? options.baseModel() : asked;
  }

  static JsonObject usage(Answer answer) {
    return Usage.withCached(answer).put("reasoning_tokens", 0);
  }
}

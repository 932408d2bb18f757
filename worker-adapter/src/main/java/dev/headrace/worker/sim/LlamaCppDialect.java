package dev.headrace.worker.sim;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** llama.cpp's llama-server in its single-model mode, started with {@code --metrics}. */
final class LlamaCppDialect implements SimDialect {
  static final String BUILD = "b10573-3f545becc";

  private final Map<String, SimRoute> routes;

  LlamaCppDialect(SimOptions options) {
    LlamaCppChat chat = new LlamaCppChat();
    routes =
        new RouteTable()
            .generating(chat, "/v1/chat/completions", "/chat/completions")
            .generating(
                new Completions(Completions.Style.LLAMACPP, chat::failure), "/v1/completions")
            .generating(new LlamaCppCompletion(), "/completion", "/completions")
            .generating(new OpenAiResponses(), "/v1/responses")
            .generating(new AnthropicMessages(), "/v1/messages")
            .question(AnthropicMessages::countTokens, "/v1/messages/count_tokens")
            .reading(body -> ReadingForms.embeddings(body, ""), "/v1/embeddings")
            .reading(
                body -> ReadingForms.rerank(body, false), "/v1/rerank", "/rerank", "/reranking")
            .form(
                form -> ReadingForms.transcription(form, options.seed()),
                "/v1/audio/transcriptions")
            .question(TokenizerPages::llamacpp, "/tokenize")
            .question(body -> TokenizerPages.detokenize(body, "content"), "/detokenize")
            .question(TokenizerPages::applyTemplate, "/apply-template")
            .page(view -> Reply.json(new JsonObject().put("status", "ok")), "/health", "/v1/health")
            .page(LlamaCppPages::models, "/v1/models", "/models")
            .page(LlamaCppPages::props, "/props")
            .load(
                (view, request) ->
                    LlamaCppPages.slots(view, "1".equals(request.getParam("fail_on_no_slot"))),
                "/slots")
            .load((view, request) -> LlamaCppPages.metrics(view), "/metrics")
            .routes();
  }

  @Override
  public Map<String, SimRoute> routes() {
    return routes;
  }

  @Override
  public HeadTiming headTiming() {
    return HeadTiming.WHEN_RUNNING;
  }

  @Override
  public Map<String, String> headers() {
    return Map.of("server", "llama.cpp", "keep-alive", "timeout=5, max=100");
  }

  @Override
  public int pingMs(JsonObject body) {
    // The request's own interval is in seconds; a negative one switches comments off.
    Object own = body.getValue("sse_ping_interval");
    return own instanceof Number seconds ? (int) Math.max(0, seconds.doubleValue() * 1000) : 30_000;
  }

  @Override
  public ConnectionHabits connections() {
    return ConnectionHabits.CPP_HTTPLIB;
  }

  @Override
  public boolean guarded(String path) {
    return !List.of("/health", "/v1/health", "/models", "/v1/models", "/").contains(path);
  }

  @Override
  public Reply refusal(Refusal refusal, String path) {
    return Reply.json(code(refusal), error(refusal));
  }

  private static int code(Refusal refusal) {
    return switch (refusal.kind()) {
      case BAD_JSON, BAD_REQUEST, CONTEXT_TOO_LONG, UNKNOWN_MODEL -> 400;
      default -> refusal.kind().status;
    };
  }

  static JsonObject error(Refusal refusal) {
    JsonObject error =
        new JsonObject()
            .put("code", code(refusal))
            .put("message", refusal.message())
            .put(
                "type",
                switch (refusal.kind()) {
                  case UNAUTHORIZED -> "authentication_error";
                  case NOT_FOUND, METHOD_NOT_ALLOWED -> "not_found_error";
                  case CONTEXT_TOO_LONG -> "exceed_context_size_error";
                  case OVERLOADED -> "unavailable_error";
                  case INTERNAL -> "server_error";
                  default -> "invalid_request_error";
                });
    if (refusal.kind() == Refusal.Kind.CONTEXT_TOO_LONG) {
      error.put("n_prompt_tokens", refusal.promptTokens()).put("n_ctx", refusal.contextTokens());
    }
    return new JsonObject().put("error", error);
  }

  @Override
  public boolean refusesInStream(Refusal.Kind kind) {
    return false;
  }

  @Override
  public String overloadMessage() {
    return "no slot available";
  }

  @Override
  public String tooLongMessage(int promptTokens, int contextTokens) {
    return "request ("
        + promptTokens
        + " tokens) exceeds the available context size ("
        + contextTokens
        + " tokens), try increasing it";
  }

  @Override
  public Reply notReady(String path) {
    return Reply.json(
        503,
        new JsonObject()
            .put(
                "error",
                new JsonObject()
                    .put("message", "Loading model")
                    .put("type", "unavailable_error")
                    .put("code", 503)));
  }

  @Override
  public boolean checksModel() {
    return false;
  }

  @Override
  public String toldModel(SimOptions options, String asked) {
    return options.baseModel();
  }

  static JsonObject timings(Answer answer) {
    int read = answer.promptTokens() - answer.cachedTokens;
    double promptMs = Math.max(1, answer.promptNanos) / 1e6;
    double predictedMs = Math.max(1, answer.decodeNanos) / 1e6;
    return new JsonObject()
        .put("cache_n", answer.cachedTokens)
        .put("prompt_n", read)
        .put("prompt_ms", promptMs)
        .put("prompt_per_token_ms", promptMs / Math.max(1, read))
        .put("prompt_per_second", read * 1000 / promptMs)
        .put("predicted_n", answer.length)
        .put("predicted_ms", predictedMs)
        .put("predicted_per_token_ms", predictedMs / answer.length)
        .put("predicted_per_second", answer.length * 1000 / predictedMs);
  }
}

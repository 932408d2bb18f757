package dev.headrace.worker.sim;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** llama.cpp's llama-server in its single-model mode, started with {@code --metrics}. */
final class LlamaCppDialect implements SimDialect {
  static final String BUILD = "b10573-3f545becc";

  private final Map<String, SimRoute> routes = new LinkedHashMap<>();

  LlamaCppDialect(SimOptions options) {
    SimRoute chat = new SimRoute.Generating(new LlamaCppChat());
    routes.put("POST /v1/chat/completions", chat);
    routes.put("POST /chat/completions", chat);
    SimRoute health =
        SimRoute.Page.of((view, request) -> Reply.json(new JsonObject().put("status", "ok")));
    routes.put("GET /health", health);
    routes.put("GET /v1/health", health);
    SimRoute models = SimRoute.Page.of((view, request) -> LlamaCppPages.models(view));
    routes.put("GET /v1/models", models);
    routes.put("GET /models", models);
    routes.put("GET /props", SimRoute.Page.of((view, request) -> LlamaCppPages.props(view)));
    routes.put(
        "GET /slots",
        SimRoute.Page.ofLoad(
            (view, request) ->
                LlamaCppPages.slots(view, "1".equals(request.getParam("fail_on_no_slot")))));
    routes.put(
        "GET /metrics", SimRoute.Page.ofLoad((view, request) -> LlamaCppPages.metrics(view)));
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
  public int keepAliveMs() {
    return 5000;
  }

  @Override
  public int requestsPerConnection() {
    return 100;
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

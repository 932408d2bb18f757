package dev.headrace.worker.sim;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** What SGLang tells of itself. */
final class SglangPages {
  private SglangPages() {}

  static Reply models(EngineView view) {
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
        .put("owned_by", "sglang")
        .put("root", view.options().baseModel());
  }

  static Reply modelInfo(EngineView view) {
    String model = view.options().baseModel();
    return Reply.json(
        new JsonObject()
            .put("model_path", model)
            .put("tokenizer_path", model)
            .put("is_generation", true)
            .put("weight_version", "default"));
  }

  static Reply serverInfo(EngineView view) {
    SimOptions options = view.options();
    return Reply.json(
        new JsonObject()
            .put("model_path", options.baseModel())
            .put("served_model_name", options.baseModel())
            .put("context_length", options.contextTokens())
            .put("max_running_requests", options.cost().slots())
            .put("max_total_num_tokens", capacity(view))
            .put("page_size", options.cost().blockTokens())
            .put("disaggregation_mode", "null")
            .put("internal_states", new JsonArray())
            .putNull("kv_events")
            .put("version", SglangDialect.VERSION));
  }

  static Reply loads(EngineView view) {
    long capacity = capacity(view);
    long used = Math.round(view.kvUsage() * capacity);
    JsonObject load =
        new JsonObject()
            .put("dp_rank", 0)
            .put("num_running_reqs", view.running())
            .put("num_waiting_reqs", view.waiting())
            .put("num_waiting_uncached_tokens", view.waitingTokens())
            .put("num_used_tokens", used)
            .put("num_total_tokens", used + view.waitingTokens())
            .put("num_active_tokens", used)
            .put("max_total_num_tokens", capacity)
            .put("max_running_requests", view.options().cost().slots())
            .put("token_usage", view.kvUsage())
            .put("cache_hit_rate", hitRate(view))
            .put("utilization", (double) view.running() / view.options().cost().slots());
    return Reply.json(
        new JsonObject()
            .put("timestamp", view.now())
            .put("version", SglangDialect.VERSION)
            .put("accelerator", "simulated")
            .put("num_accelerators", 1)
            .put("loads", new JsonArray().add(load)));
  }

  static Reply oldLoad(EngineView view) {
    return Reply.json(
        new JsonArray()
            .add(
                new JsonObject()
                    .put("dp_rank", 0)
                    .put("num_reqs", view.running() + view.waiting())
                    .put("num_waiting_reqs", view.waiting())
                    .put("num_tokens", Math.round(view.kvUsage() * capacity(view)))
                    .put("num_pending_tokens", view.waitingTokens())
                    .put("ts_tic", view.now())));
  }

  static Reply metrics(EngineView view) {
    SimStats stats = view.stats();
    long capacity = capacity(view);
    return new MetricsText(
            "engine_type=\"unified\",model_name="
                + MetricsText.quoted(view.options().baseModel())
                + ",moe_ep_rank=\"0\",pp_rank=\"0\",tp_rank=\"0\"")
        .gauge("sglang:num_running_reqs", view.running())
        .gauge("sglang:num_queue_reqs", view.waiting())
        .gauge("sglang:token_usage", view.kvUsage())
        .gauge("sglang:num_used_tokens", Math.round(view.kvUsage() * capacity))
        .gauge("sglang:max_total_num_tokens", capacity)
        .gauge("sglang:page_size", view.options().cost().blockTokens())
        .gauge("sglang:num_pages", view.options().cost().kvBlocks())
        .gauge("sglang:context_len", view.options().contextTokens())
        .gauge("sglang:cache_hit_rate", hitRate(view))
        .counter("sglang:prompt_tokens_total", stats.promptTokens())
        .counter("sglang:generation_tokens_total", stats.generatedTokens())
        .counter("sglang:cached_tokens_total", stats.cachedTokens())
        .counter("sglang:num_requests_total", stats.completed())
        .counter("sglang:num_aborted_requests_total", stats.aborted())
        .reply();
  }

  private static double hitRate(EngineView view) {
    SimStats stats = view.stats();
    return stats.promptTokens() == 0 ? 0 : (double) stats.cachedTokens() / stats.promptTokens();
  }

  private static long capacity(EngineView view) {
    CostParameters cost = view.options().cost();
    return (long) cost.kvBlocks() * cost.blockTokens();
  }
}

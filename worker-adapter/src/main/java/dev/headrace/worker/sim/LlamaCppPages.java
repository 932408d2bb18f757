package dev.headrace.worker.sim;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** What llama-server tells of itself. */
final class LlamaCppPages {
  private LlamaCppPages() {}

  static Reply models(EngineView view) {
    JsonArray ollama = new JsonArray();
    JsonArray data = new JsonArray();
    SimOptions options = view.options();
    String model = options.baseModel();
    ollama.add(new JsonObject().put("name", model).put("model", model).put("type", "model"));
    JsonArray aliases = new JsonArray();
    options.models().forEach(aliases::add);
    data.add(
        new JsonObject()
            .put("id", model)
            .put("aliases", aliases)
            .put("tags", new JsonArray())
            .put("object", "model")
            .put("created", (long) view.now())
            .put("owned_by", "llamacpp")
            .put(
                "meta",
                new JsonObject()
                    .put("vocab_type", 2)
                    .put("n_vocab", 32_000)
                    .put("n_ctx", options.contextTokens())
                    .put("n_ctx_train", options.contextTokens())
                    .put("n_embd", Embeddings.DIMENSIONS)
                    .put("n_params", 1_000_000)
                    .put("size", 1_000_000)
                    .put("ftype", "F16")));
    return Reply.json(
        new JsonObject().put("models", ollama).put("object", "list").put("data", data));
  }

  static Reply props(EngineView view) {
    SimOptions options = view.options();
    return Reply.json(
        new JsonObject()
            .put(
                "default_generation_settings",
                new JsonObject()
                    .put("params", new JsonObject().put("n_predict", -1))
                    .put("n_ctx", options.contextTokens()))
            .put("total_slots", options.cost().slots())
            .put("model_alias", options.baseModel())
            .put("model_path", "/models/" + options.baseModel() + ".gguf")
            .put("modalities", new JsonObject().put("vision", false).put("audio", false))
            .put("chat_template", "")
            .put("chat_template_caps", new JsonObject())
            .put("build_info", LlamaCppDialect.BUILD)
            .put("is_sleeping", false)
            .put("endpoint_slots", true)
            .put("endpoint_props", false)
            .put("endpoint_metrics", true));
  }

  static Reply slots(EngineView view, boolean failWhenFull) {
    int total = view.options().cost().slots();
    if (failWhenFull && view.running() >= total) {
      return Reply.json(
          503, LlamaCppDialect.error(Refusal.of(Refusal.Kind.OVERLOADED, "no slot available")));
    }
    JsonArray slots = new JsonArray();
    for (int id = 0; id < total; id++) {
      JsonObject slot =
          new JsonObject()
              .put("id", id)
              .put("n_ctx", view.options().contextTokens())
              .put("speculative", false)
              .put("is_processing", id < view.slots().size());
      if (id < view.slots().size()) {
        busy(slot, id, view.slots().get(id));
      }
      slots.add(slot);
    }
    return Reply.json(slots);
  }

  private static void busy(JsonObject slot, int id, EngineView.Slot work) {
    slot.put("id_task", id)
        .put("n_prompt_tokens", work.promptTokens())
        .put("n_prompt_tokens_processed", work.promptTokens() - work.cachedTokens())
        .put("n_prompt_tokens_cache", work.cachedTokens())
        .put(
            "next_token",
            new JsonArray()
                .add(
                    new JsonObject()
                        .put("has_next_token", true)
                        .put("has_new_line", false)
                        .put("n_remain", work.remaining())
                        .put("n_decoded", work.decoded())));
  }

  static Reply metrics(EngineView view) {
    SimStats stats = view.stats();
    return new MetricsText("")
        .counter("llamacpp:prompt_tokens_total", stats.promptTokens() - stats.cachedTokens())
        .counter("llamacpp:prompt_tokens_cached_total", stats.cachedTokens())
        .counter("llamacpp:tokens_predicted_total", stats.generatedTokens())
        .gauge("llamacpp:requests_processing", view.running())
        .gauge("llamacpp:requests_deferred", view.waiting())
        .reply()
        .withHeaders(Map.of("process-start-time-unix", Long.toString(view.startedAt())));
  }
}

package dev.headrace.worker.sim;

import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** vLLM's {@code /metrics}, and what its answers tell of load. */
final class VllmMetrics {
  private VllmMetrics() {}

  static Reply of(EngineView view) {
    SimOptions options = view.options();
    SimStats stats = view.stats();
    String labels = "engine=\"0\",model_name=" + MetricsText.quoted(options.baseModel());
    CostParameters cost = options.cost();
    return new MetricsText(labels)
        .gauge("vllm:num_requests_running", view.running())
        .gauge("vllm:num_requests_waiting", view.waiting())
        .gauge("vllm:kv_cache_usage_perc", view.kvUsage())
        .series(
            "vllm:cache_config_info",
            "gauge",
            "block_size=\""
                + cost.blockTokens()
                + "\",engine=\"0\",num_gpu_blocks=\""
                + cost.kvBlocks()
                + "\"",
            1)
        .series(
            "vllm:lora_requests_info",
            "gauge",
            "max_lora=\""
                + options.adapters().size()
                + "\",running_lora_adapters=\"\",waiting_lora_adapters=\"\"",
            view.startedAt())
        .counter("vllm:prefix_cache_queries_total", stats.promptTokens())
        .counter("vllm:prefix_cache_hits_total", stats.cachedTokens())
        .counter("vllm:num_preemptions_total", view.preemptions())
        .counter("vllm:prompt_tokens_total", stats.promptTokens())
        .counter("vllm:generation_tokens_total", stats.generatedTokens())
        .series(
            "vllm:request_success_total",
            "counter",
            labels + ",finished_reason=\"stop\"",
            stats.completed())
        .reply();
  }

  /** The value of {@code endpoint-load-metrics} in one of its two formats; null for others. */
  static @Nullable String orca(EngineView view, String format) {
    double waiting = view.waiting();
    return switch (format.toLowerCase(Locale.ROOT)) {
      case "json" ->
          "JSON "
              + new JsonObject()
                  .put(
                      "named_metrics",
                      new JsonObject()
                          .put("kv_cache_usage_perc", view.kvUsage())
                          .put("num_requests_waiting", waiting))
                  .encode();
      case "text" ->
          "TEXT named_metrics.kv_cache_usage_perc="
              + view.kvUsage()
              + ", named_metrics.num_requests_waiting="
              + waiting;
      default -> null;
    };
  }
}

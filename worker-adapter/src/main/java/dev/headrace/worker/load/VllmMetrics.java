package dev.headrace.worker.load;

import java.util.List;

/**
 * vLLM's {@code /metrics}: one series per {@code engine} label under data parallelism. The last
 * gauge's name is the one that versions before 0.9.2 have for the third; the size of the cache is
 * told in labels.
 */
public final class VllmMetrics implements LoadReader {

  public static final LoadReader INSTANCE = new VllmMetrics();

  private static final String CACHE = "vllm:cache_config_info";

  private static final List<String> NAMES =
      List.of(
          "vllm:num_requests_running",
          "vllm:num_requests_waiting",
          "vllm:kv_cache_usage_perc",
          "vllm:gpu_cache_usage_perc",
          CACHE);

  private VllmMetrics() {}

  @Override
  public String path() {
    return "/metrics";
  }

  @Override
  public WorkerLoad read(String body, long readAtNanos) {
    LoadSum sum = new LoadSum();
    PrometheusText.read(
        body,
        NAMES,
        (index, labels, value) -> {
          switch (index) {
            case 0 -> sum.running(value);
            case 1 -> sum.waiting(value);
            case 4 -> sum.kvTokens(number(labels, "block_size") * number(labels, "num_gpu_blocks"));
            default -> sum.kvUsage(value);
          }
        });
    return sum.at(readAtNanos);
  }

  /** What the label says, or NaN; some versions write {@code None}. */
  private static double number(String labels, String name) {
    return PrometheusText.number(PrometheusText.label(labels, name));
  }
}

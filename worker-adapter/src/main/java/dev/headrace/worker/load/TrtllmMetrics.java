package dev.headrace.worker.load;

import java.util.List;

/**
 * trtllm-serve's {@code /prometheus/metrics}, which needs {@code return_perf_metrics}.
 *
 * <p>Never its JSON {@code /metrics}: that is a queue of iterations which reading empties, so that
 * the operator's own monitoring would lose what the router took, and an empty answer would not mean
 * idle. Versions without the {@code trtllm_} prefix tell no load.
 */
public final class TrtllmMetrics implements LoadReader {

  public static final LoadReader INSTANCE = new TrtllmMetrics();

  private static final List<String> NAMES =
      List.of(
          "trtllm_num_requests_running",
          "trtllm_num_requests_waiting",
          "trtllm_kv_cache_utilization",
          "trtllm_max_num_active_requests",
          "trtllm_kv_cache_max_blocks",
          "trtllm_kv_cache_tokens_per_block");

  private TrtllmMetrics() {}

  @Override
  public String path() {
    return "/prometheus/metrics";
  }

  @Override
  public WorkerLoad read(String body, long readAtNanos) {
    LoadSum sum = new LoadSum();
    double[] blocks = {Double.NaN, Double.NaN};
    PrometheusText.read(
        body,
        NAMES,
        (index, labels, value) -> {
          switch (index) {
            case 0 -> sum.running(value);
            case 1 -> sum.waiting(value);
            case 2 -> sum.kvUsage(value);
            case 3 -> sum.slots(value);
            default -> blocks[index - 4] = value;
          }
        });
    sum.kvTokens(blocks[0] * blocks[1]);
    return sum.at(readAtNanos);
  }
}

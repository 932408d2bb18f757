package dev.headrace.worker.load;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * SGLang's {@code /metrics}, which needs {@code --enable-metrics}; for versions without {@code
 * /v1/loads}.
 *
 * <p>Every tensor- or pipeline-parallel rank may publish the same figures for its data-parallel
 * rank: those are one figure, not a sum. With priorities there are series per {@code priority}
 * beside the total, which are passed over.
 */
public final class SglangMetrics implements LoadReader {

  public static final LoadReader INSTANCE = new SglangMetrics();

  private static final List<String> NAMES =
      List.of(
          "sglang:num_running_reqs",
          "sglang:num_queue_reqs",
          "sglang:num_grammar_queue_reqs",
          "sglang:token_usage",
          "sglang:max_total_num_tokens");

  private SglangMetrics() {}

  @Override
  public String path() {
    return "/metrics";
  }

  @Override
  public WorkerLoad read(String body, long readAtNanos) {
    Map<String, double[]> ranks = new HashMap<>();
    PrometheusText.read(
        body,
        NAMES,
        (index, labels, value) -> {
          if (PrometheusText.label(labels, "priority").isEmpty()) {
            double[] rank =
                ranks.computeIfAbsent(
                    PrometheusText.label(labels, "dp_rank"),
                    name -> new double[] {-1, -1, -1, -1, -1});
            rank[index] = Math.max(rank[index], value);
          }
        });
    LoadSum sum = new LoadSum();
    for (double[] rank : ranks.values()) {
      sum.running(rank[0]);
      sum.waiting(rank[1]);
      sum.waiting(rank[2]);
      sum.kvUsage(rank[3]);
      sum.kvTokens(rank[4]);
    }
    return sum.at(readAtNanos);
  }
}

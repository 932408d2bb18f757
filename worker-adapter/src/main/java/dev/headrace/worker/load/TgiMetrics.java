package dev.headrace.worker.load;

import java.util.List;

/**
 * TGI's {@code /metrics}. It has no gauge of its KV cache; the tokens that the running batch may
 * come to hold, of those that fit, say the same. Its TensorRT-LLM and llama.cpp backends publish
 * none of these.
 */
public final class TgiMetrics implements LoadReader {

  public static final LoadReader INSTANCE = new TgiMetrics();

  private static final List<String> NAMES =
      List.of(
          "tgi_batch_current_size",
          "tgi_queue_size",
          "tgi_batch_current_max_tokens",
          "tgi_batch_max_total_tokens");

  private TgiMetrics() {}

  @Override
  public String path() {
    return "/metrics";
  }

  @Override
  public WorkerLoad read(String body, long readAtNanos) {
    LoadSum sum = new LoadSum();
    double[] tokens = {Double.NaN, Double.NaN};
    PrometheusText.read(
        body,
        NAMES,
        (index, labels, value) -> {
          switch (index) {
            case 0 -> sum.running(value);
            case 1 -> sum.waiting(value);
            default -> tokens[index - 2] = value;
          }
        });
    if (tokens[1] > 0) {
      sum.kvUsage(tokens[0] / tokens[1]);
      sum.kvTokens(tokens[1]);
    }
    return sum.at(readAtNanos);
  }
}

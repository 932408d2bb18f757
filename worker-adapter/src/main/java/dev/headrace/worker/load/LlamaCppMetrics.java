package dev.headrace.worker.load;

import java.util.List;

/**
 * llama-server's {@code /metrics}, which needs {@code --metrics}. Asked before {@code /slots},
 * because only here the deferred requests are told, and because it is a tenth of the size.
 *
 * <p>Each reading restarts the two gauges of tokens per second, which are averages since the
 * reading before.
 */
public final class LlamaCppMetrics implements LoadReader {

  public static final LoadReader INSTANCE = new LlamaCppMetrics();

  private static final List<String> NAMES =
      List.of("llamacpp:requests_processing", "llamacpp:requests_deferred");

  private LlamaCppMetrics() {}

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
          if (index == 0) {
            sum.running(value);
          } else {
            sum.waiting(value);
          }
        });
    return sum.at(readAtNanos);
  }
}

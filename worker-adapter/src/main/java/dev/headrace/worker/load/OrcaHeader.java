package dev.headrace.worker.load;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.worker.LenientJson;

/**
 * The header form of ORCA (Open Request Cost Aggregation), {@code endpoint-load-metrics}, with the
 * names that vLLM gives its metrics: waiting requests and the share of the KV cache. vLLM sends it
 * with answers in one piece to chat and completions, and tells the figures of its first engine
 * only.
 *
 * <pre>
 * endpoint-load-metrics: JSON {"named_metrics": {"kv_cache_usage_perc": 0.4, "num_requests_waiting": 2.0}}
 * endpoint-load-metrics: TEXT named_metrics.kv_cache_usage_perc=0.4, named_metrics.num_requests_waiting=2.0
 * </pre>
 */
public final class OrcaHeader implements LoadHeader {

  public static final LoadHeader INSTANCE = new OrcaHeader();

  private static final String NAMED = "named_metrics";
  private static final String KV = "kv_cache_usage_perc";
  private static final String WAITING = "num_requests_waiting";

  /** Not told by vLLM today; read where it is. */
  private static final String RUNNING = "num_requests_running";

  private OrcaHeader() {}

  @Override
  public String askName() {
    return "endpoint-load-metrics-format";
  }

  @Override
  public String askValue() {
    return "JSON";
  }

  @Override
  public String name() {
    return "endpoint-load-metrics";
  }

  @Override
  public WorkerLoad read(String value, long readAtNanos) {
    LoadSum sum = new LoadSum();
    if (value.startsWith("JSON ")) {
      JsonNode named = LenientJson.read(value.substring(5)).path(NAMED);
      take(sum, KV, LenientJson.number(named, KV));
      take(sum, WAITING, LenientJson.number(named, WAITING));
      take(sum, RUNNING, LenientJson.number(named, RUNNING));
    } else if (value.startsWith("TEXT ")) {
      text(sum, value);
    }
    return sum.at(readAtNanos);
  }

  private static void text(LoadSum sum, String value) {
    int from = 5;
    while (from < value.length()) {
      int comma = value.indexOf(',', from);
      int end = comma < 0 ? value.length() : comma;
      int equals = value.indexOf('=', from);
      if (equals > 0 && equals < end) {
        String name = value.substring(from, equals).strip();
        if (name.startsWith(NAMED + ".")) {
          take(
              sum,
              name.substring(NAMED.length() + 1),
              PrometheusText.number(value.substring(equals + 1, end).strip()));
        }
      }
      from = end + 1;
    }
  }

  private static void take(LoadSum sum, String name, double number) {
    if (!Double.isFinite(number)) {
      return;
    }
    switch (name) {
      case KV -> sum.kvUsage(number);
      case WAITING -> sum.waiting(number);
      case RUNNING -> sum.running(number);
      default -> {}
    }
  }
}

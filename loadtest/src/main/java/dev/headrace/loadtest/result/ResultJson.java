package dev.headrace.loadtest.result;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.headrace.loadtest.LoadOptions;
import dev.headrace.loadtest.LoadShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The result as JSON, for scripts. {@link #SCHEMA} rises when a field changes its meaning or goes;
 * new fields may come at any time. Times are milliseconds. A percentile that too few values support
 * is null. The API key is not in it.
 */
public final class ResultJson {
  public static final String SCHEMA = "headrace-bench/1";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ResultJson() {}

  /**
   * @throws UncheckedIOException when the file cannot be written
   */
  public static void write(LoadResult result, Path file) {
    try {
      Files.writeString(file, JSON.writeValueAsString(of(result)) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ObjectNode of(LoadResult result) {
    ObjectNode root = JSON.createObjectNode();
    root.put("schema", SCHEMA);
    run(root.putObject("run"), result);
    target(root.putObject("target"), result.options());
    load(root.putObject("load"), result.options());
    validity(root.putObject("validity"), result);
    counts(root, result);
    tokens(root.putObject("tokens"), result.tokens());
    ObjectNode throughput = root.putObject("throughput");
    throughput.put("window_s", result.window().toNanos() / 1e9);
    throughput.put("requests_per_s", result.requestsPerSecond());
    throughput.put("output_tokens_per_s", result.outputTokensPerSecond());
    ObjectNode latencies = root.putObject("latency_ms");
    for (Metric metric : Metric.values()) {
      latency(latencies.putObject(metric.word()), result.latency(metric));
    }
    workers(root, result);
    return root;
  }

  private static void run(ObjectNode run, LoadResult result) {
    run.put("started", result.started().toString());
    run.put("seed", result.options().seed());
    run.put("plan_sha256", result.planSha256());
    ObjectNode host = run.putObject("host");
    host.put("cpus", Runtime.getRuntime().availableProcessors());
    host.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    host.put("java", System.getProperty("java.version"));
  }

  private static void target(ObjectNode target, LoadOptions options) {
    target.put("url", options.target().toString());
    target.put("endpoint", options.endpoint().word());
    target.put("model", options.model());
    target.put("stream", options.stream());
  }

  private static void load(ObjectNode load, LoadOptions options) {
    if (options.shape() instanceof LoadShape.Open open) {
      load.put("loop", "open").put("arrivals", "poisson");
      load.put("rate_per_s", open.ratePerSecond());
    } else {
      load.put("loop", "closed");
      load.put("concurrency", options.shape().maxInFlight());
    }
    load.put("max_in_flight", options.shape().maxInFlight());
    load.put("warmup_s", options.warmup().toNanos() / 1e9);
    if (options.duration() != null) {
      load.put("duration_s", options.duration().toNanos() / 1e9);
    }
    if (options.requests() > 0) {
      load.put("requests", options.requests());
    }
    load.put("prompt_tokens", options.promptTokens().toString());
    load.put("max_tokens", options.maxTokens().toString());
    load.put("ignore_eos", options.ignoreEos());
    load.put("timeout_s", options.timeout().toNanos() / 1e9);
    load.put("max_wait_s", options.maxWait().toNanos() / 1e9);
    load.put("generator_loops", options.loops());
  }

  private static void validity(ObjectNode validity, LoadResult result) {
    Verdict verdict = result.verdict();
    validity.put("verdict", verdict.kind().name().toLowerCase(java.util.Locale.ROOT));
    verdict.reasons().forEach(validity.putArray("reasons")::add);
    GeneratorHealth health = result.generator();
    validity.put("busiest_loop_cpu", health.busiestLoop());
    validity.put("process_cpu_cores", health.cpu());
    validity.put("gc_ms", health.gcMillis());
    put(validity, "pacing_delay_p99", health.pacingP99Millis());
    put(validity, "loop_lag_p99", health.loopLagP99Millis());
  }

  private static void counts(ObjectNode root, LoadResult result) {
    Counts counts = result.counts();
    ObjectNode node = root.putObject("counts");
    node.put("planned", counts.planned()).put("started", counts.started());
    node.put("completed", counts.completed()).put("failed", counts.failed());
    node.put("dropped", counts.dropped()).put("waited", counts.waited());
    node.put("resent", counts.resent());
    node.put("empty", counts.empty()).put("without_done", counts.withoutDone());
    ArrayNode errors = root.putArray("errors");
    for (ErrorKind error : result.errors()) {
      errors
          .addObject()
          .put("kind", error.kind())
          .put("count", error.count())
          .put("example", error.example());
    }
  }

  private static void tokens(ObjectNode node, Tokens tokens) {
    node.put("prompt", tokens.prompt()).put("cached", tokens.cached());
    node.put("output", tokens.output()).put("source", tokens.source());
    put(node, "per_content_event", tokens.perContent());
  }

  private static void latency(ObjectNode node, LatencySummary latency) {
    node.put("n", latency.count());
    put(node, "mean", latency.mean());
    put(node, "std", latency.deviation());
    put(node, "min", latency.min());
    put(node, "p50", latency.percentile(50));
    put(node, "p75", latency.percentile(75));
    put(node, "p90", latency.percentile(90));
    put(node, "p95", latency.percentile(95));
    put(node, "p99", latency.percentile(99));
    put(node, "p999", latency.percentile(99.9));
    put(node, "max", latency.max());
    node.put("hdr_us", latency.encoded());
  }

  private static void workers(ObjectNode root, LoadResult result) {
    ArrayNode workers = root.putArray("workers");
    for (WorkerShare worker : result.workers()) {
      LatencySummary ttft = new LatencySummary(worker.ttft());
      ObjectNode node = workers.addObject();
      node.put("id", worker.id()).put("requests", worker.requests());
      node.put("failed", worker.failed()).put("output_tokens", worker.outputTokens());
      put(node, "ttft_p50", ttft.value(50));
      put(node, "ttft_max", ttft.max());
    }
    put(root.putObject("balance"), "requests_max_over_mean", result.skew());
  }

  private static void put(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, Math.round(value * 1e4) / 1e4);
    } else {
      node.putNull(name);
    }
  }
}

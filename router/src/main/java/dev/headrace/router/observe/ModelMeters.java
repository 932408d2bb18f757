package dev.headrace.router.observe;

import dev.headrace.router.admission.Priority;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The meters of one model on one endpoint, ready to be moved. Any thread. */
public final class ModelMeters {
  private final MeterRegistry registry;
  private final String endpoint;
  private final String model;
  private final Timer firstToken;
  private final Timer tokenGap;
  private final Timer whole;
  private final Map<Priority, Timer> queueWait = new ConcurrentHashMap<>();
  private final Counter promptTokens;
  private final Counter cachedTokens;
  private final Counter completionTokens;
  private final Counter truncated;
  private final DistributionSummary promptEstimate;
  private final Map<String, Counter> requests = new ConcurrentHashMap<>();

  ModelMeters(MeterRegistry registry, String endpoint, String model) {
    this.registry = registry;
    this.endpoint = endpoint;
    this.model = model;
    firstToken =
        timer("headrace.first.token", "From accept to the first content", Buckets.FIRST_TOKEN);
    tokenGap = timer("headrace.token.gap", "Between two arrivals of content", Buckets.TOKEN_GAP);
    whole = timer("headrace.request", "From accept to the last byte", Buckets.WHOLE);
    promptTokens = tokens("prompt");
    cachedTokens = tokens("cached");
    completionTokens = tokens("completion");
    truncated =
        Counter.builder("headrace.truncated.streams")
            .description("Streams that ended without their end mark")
            .tags("endpoint", endpoint, "model", model)
            .register(registry);
    promptEstimate =
        DistributionSummary.builder("headrace.prompt.estimate.ratio")
            .description("Prompt tokens as the router expected them, over those that were counted")
            .tags("endpoint", endpoint, "model", model)
            .serviceLevelObjectives(Buckets.ESTIMATE)
            .register(registry);
  }

  private Timer timer(String name, String description, Duration[] buckets) {
    return Timer.builder(name)
        .description(description)
        .tags("endpoint", endpoint, "model", model)
        .serviceLevelObjectives(buckets)
        .register(registry);
  }

  private Counter tokens(String kind) {
    return Counter.builder("headrace.tokens")
        .description("Tokens as the workers counted them")
        .tags("endpoint", endpoint, "model", model, "kind", kind)
        .register(registry);
  }

  public void firstToken(long nanos) {
    firstToken.record(nanos, TimeUnit.NANOSECONDS);
  }

  public void tokenGap(long nanos) {
    tokenGap.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** A place was found after so long. */
  public void queueWait(long nanos, Priority priority) {
    queueWait
        .computeIfAbsent(
            priority,
            key ->
                Timer.builder("headrace.queue.wait")
                    .description("From asking for a place to having it")
                    .tags("endpoint", endpoint, "model", model, "class", key.label())
                    .serviceLevelObjectives(Buckets.QUEUE)
                    .register(registry))
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** An answer told how many tokens the prompt had: expected over counted. */
  public void promptEstimate(double ratio) {
    promptEstimate.record(ratio);
  }

  public void truncated() {
    truncated.increment();
  }

  /** Counts tokens; what is not known is -1 and not counted. */
  public void tokens(long prompt, long cached, long completion) {
    add(promptTokens, prompt);
    add(cachedTokens, cached);
    add(completionTokens, completion);
  }

  private static void add(Counter counter, long amount) {
    if (amount > 0) {
      counter.increment((double) amount);
    }
  }

  /** An exchange is over. */
  public void over(int status, String outcome, long nanos) {
    whole.record(nanos, TimeUnit.NANOSECONDS);
    requests
        .computeIfAbsent(
            status + outcome,
            key ->
                Counter.builder("headrace.requests")
                    .description("Exchanges that are over")
                    .tags("endpoint", endpoint, "model", model)
                    .tags("status", Integer.toString(status), "outcome", outcome)
                    .register(registry))
        .increment();
  }
}

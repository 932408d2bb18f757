package dev.headrace.router.observe;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.worker.Endpoint;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * All meters of the data plane. Label values come from closed sets only: a model name that the
 * fleet does not know becomes {@link #UNKNOWN}. Meters are looked up once per combination and kept;
 * what happens per token touches only fields of {@link ModelMeters}. Those of models that are gone
 * for good leave the registry with {@link #keepOnly}. Any thread.
 */
public final class RouterMeters {
  /** The label of every model name that is not the fleet's own. */
  public static final String UNKNOWN = "unknown";

  private record ModelKey(Endpoint endpoint, String model) {}

  private final MeterRegistry registry;
  private final Map<ModelKey, ModelMeters> byModel = new ConcurrentHashMap<>();
  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final AtomicInteger activeStreams = new AtomicInteger();
  private final Timer cancelLatency;
  private final Counter sentAgain;
  private final QueueMeters queues;
  private final LimitMeters limits;

  public RouterMeters(MeterRegistry registry) {
    this.registry = registry;
    this.queues = new QueueMeters(registry);
    this.limits = new LimitMeters(registry);
    cancelLatency =
        Timer.builder("headrace.cancel")
            .description("From the client's leaving to the closed connection of the worker")
            .serviceLevelObjectives(Buckets.CANCEL)
            .register(registry);
    sentAgain =
        Counter.builder("headrace.sent.again")
            .description("Requests whose kept connection was closing when they took it")
            .register(registry);
    Gauge.builder("headrace.active.streams", activeStreams, AtomicInteger::get)
        .description("Streams that are being relayed")
        .strongReference(true)
        .register(registry);
  }

  /** The meters of one model on one endpoint. */
  public ModelMeters of(Endpoint endpoint, String model) {
    return byModel.computeIfAbsent(
        new ModelKey(endpoint, model), key -> new ModelMeters(registry, endpoint.label(), model));
  }

  /**
   * Removes all counts and times of other models, whoever registered them. Gauges are the matter of
   * those who own what they show.
   */
  public void keepOnly(Set<String> models) {
    byModel.keySet().removeIf(key -> isGone(key.model(), models));
    for (Meter meter : registry.getMeters()) {
      String model = meter.getId().getTag("model");
      if (model != null && !(meter instanceof Gauge) && isGone(model, models)) {
        registry.remove(meter);
      }
    }
  }

  private static boolean isGone(String model, Set<String> models) {
    return !model.equals(UNKNOWN) && !models.contains(model);
  }

  /** The meters of requests that wait. */
  public QueueMeters queues() {
    return queues;
  }

  /** The meters of the limits of API keys. */
  public LimitMeters limits() {
    return limits;
  }

  /** The router's own refusal or failure. */
  public void refused(ErrorCode code) {
    count("headrace.refusals", "Errors of the router's own, by code", "code", code.code());
  }

  /** Another worker is tried, because of {@code reason}. */
  public void retried(String reason) {
    count("headrace.retries", "Further attempts, by what made them needed", "reason", reason);
  }

  /** The retry budget has nothing left for another worker, wanted because of {@code reason}. */
  public void retryRefused(String reason) {
    count(
        "headrace.retries.refused",
        "Further attempts that the retry budget refused, by what made them needed",
        "reason",
        reason);
  }

  /** A try on one worker ended: {@code ok}, {@code cancelled}, or what failed. */
  public void attempt(String result) {
    count("headrace.attempts", "Tries on workers, by result", "result", result);
  }

  /** A request went out once more, since its connection broke in the moment of its reuse. */
  public void sentAgain() {
    sentAgain.increment();
  }

  /** The client left at this stage. */
  public void cancelled(String stage) {
    count("headrace.cancels", "Clients that left, by stage", "stage", stage);
  }

  /** A worker's connection was closed so long after its client left. */
  public void cancelLatency(long nanos) {
    cancelLatency.record(nanos, TimeUnit.NANOSECONDS);
  }

  public void streamStarted() {
    activeStreams.incrementAndGet();
  }

  public void streamEnded() {
    activeStreams.decrementAndGet();
  }

  public int activeStreams() {
    return activeStreams.get();
  }

  /** Gauges of what the whole process holds. */
  public void watchProcess(
      IntSupplier inFlight, IntSupplier connections, LongSupplier bufferedBytes) {
    Gauge.builder("headrace.in.flight", inFlight, IntSupplier::getAsInt)
        .description("Exchanges that are not over")
        .strongReference(true)
        .register(registry);
    Gauge.builder("headrace.connections", connections, IntSupplier::getAsInt)
        .description("Client connections")
        .strongReference(true)
        .register(registry);
    Gauge.builder("headrace.buffered.body.bytes", bufferedBytes, LongSupplier::getAsLong)
        .description("Request bodies that are held for a possible retry")
        .strongReference(true)
        .register(registry);
  }

  /** Gauge of one event loop's client connections: a few long ones can load loops unevenly. */
  public void watchLoop(int loop, IntSupplier connections) {
    Gauge.builder("headrace.loop.connections", connections, IntSupplier::getAsInt)
        .description("Client connections of one event loop")
        .tag("loop", Integer.toString(loop))
        .strongReference(true)
        .register(registry);
  }

  private void count(String name, String description, String label, String value) {
    counters
        .computeIfAbsent(
            name + '/' + value,
            key ->
                Counter.builder(name).description(description).tag(label, value).register(registry))
        .increment();
  }
}

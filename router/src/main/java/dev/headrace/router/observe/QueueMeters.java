package dev.headrace.router.observe;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.admission.QueueState;
import dev.headrace.router.admission.Refusal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Meters of requests that wait: gauges for each model's line, read on the scraping thread, and
 * counts of refusals. Any thread.
 */
public final class QueueMeters {
  private record Refused(Priority priority, Refusal reason) {}

  private final MeterRegistry registry;
  private final Map<String, List<Meter>> lines = new ConcurrentHashMap<>();
  private final Map<Refused, Counter> refusals = new ConcurrentHashMap<>();

  public QueueMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Shows a model's line from now on. */
  public void watch(String model, Supplier<QueueState> line) {
    lines.computeIfAbsent(model, name -> gauges(name, line));
  }

  /** The line is no more. */
  public void forget(String model) {
    List<Meter> gone = lines.remove(model);
    if (gone != null) {
      gone.forEach(registry::remove);
    }
  }

  /** A request may not wait, or not any longer. */
  public void refused(Priority priority, Refusal reason) {
    refusals
        .computeIfAbsent(
            new Refused(priority, reason),
            key ->
                Counter.builder("headrace.queue.refusals")
                    .description("Requests that may not wait, or not any longer")
                    .tags("class", priority.label(), "reason", reason.label())
                    .register(registry))
        .increment();
  }

  private List<Meter> gauges(String model, Supplier<QueueState> line) {
    List<Meter> meters = new ArrayList<>();
    meters.add(
        gauge("headrace.queue.oldest", line, QueueState::oldestSeconds)
            .description("Longest wait of those still waiting")
            .baseUnit("seconds")
            .tag("model", model)
            .register(registry));
    meters.add(
        gauge("headrace.queue.predicted.wait", line, QueueState::predictedWaitSeconds)
            .description("How long a newcomer would wait; 0 while nobody waits")
            .baseUnit("seconds")
            .tag("model", model)
            .register(registry));
    for (Priority priority : Priority.values()) {
      meters.add(
          gauge("headrace.queue.depth", line, state -> state.of(priority).depth())
              .description("Requests that wait for a place")
              .tags("model", model, "class", priority.label())
              .register(registry));
      meters.add(
          gauge("headrace.queue.tokens", line, state -> state.of(priority).tokens())
              .description("Expected tokens of those that wait, prompt and output")
              .tags("model", model, "class", priority.label())
              .register(registry));
    }
    return List.copyOf(meters);
  }

  private static Gauge.Builder<Supplier<QueueState>> gauge(
      String name, Supplier<QueueState> line, ToDoubleFunction<QueueState> value) {
    return Gauge.builder(name, line, supplier -> value.applyAsDouble(supplier.get()))
        .strongReference(true);
  }
}

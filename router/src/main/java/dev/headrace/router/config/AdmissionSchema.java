package dev.headrace.router.config;

import dev.headrace.router.admission.Order;
import dev.headrace.router.config.HeadraceConfig.Admission;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of requests that wait: for all models, and for single ones. */
final class AdmissionSchema {
  private static final ValueType<Integer> QUEUE =
      ValueType.integer(0, AdmissionOverrides.LONGEST_QUEUE);
  private static final ValueType<Duration> WAIT =
      ValueType.duration(AdmissionOverrides.SHORTEST_WAIT, AdmissionOverrides.LONGEST_WAIT);
  private static final ValueType<String> ORDER =
      ValueType.choice("one of " + String.join(", ", Order.labels()), Order.labels());

  private static final Field<Integer> MAX_QUEUE =
      Field.of(
          "max-queue",
          QUEUE,
          "1000",
          "Requests that may wait for a place, for each model; 0: none waits.");
  private static final Field<Duration> MAX_WAIT =
      Field.of("max-wait", WAIT, "60s", "How long a request may wait for a place.");
  private static final Field<String> LINE_ORDER =
      Field.of(
          "order",
          ORDER,
          Order.FCFS.label(),
          "Who goes first among the requests of one API key and class.");
  static final Field<Admission> DEFAULTS =
      Field.always(
          "admission",
          new Shape.Section<>(
              List.of(MAX_QUEUE, MAX_WAIT, LINE_ORDER),
              v -> new Admission(v.get(MAX_QUEUE), v.get(MAX_WAIT), orderOr(v.get(LINE_ORDER)))),
          "Requests that wait while all workers of their model are full.");

  private static final Field<Integer> MODEL_MAX_QUEUE =
      Field.optional("max-queue", QUEUE, "Instead of admission.max-queue.");
  private static final Field<Duration> MODEL_MAX_WAIT =
      Field.optional("max-wait", WAIT, "Instead of admission.max-wait.");
  private static final Field<String> MODEL_ORDER =
      Field.optional("order", ORDER, "Instead of admission.order.");
  static final Field<AdmissionOverrides> OVERRIDES =
      Field.always(
          "admission",
          new Shape.Section<>(
              List.of(MODEL_MAX_QUEUE, MODEL_MAX_WAIT, MODEL_ORDER),
              v ->
                  new AdmissionOverrides(
                      v.find(MODEL_MAX_QUEUE),
                      v.find(MODEL_MAX_WAIT),
                      Order.of(v.find(MODEL_ORDER)))),
          "Requests that wait for this model.");

  private AdmissionSchema() {}

  private static Order orderOr(@Nullable String label) {
    Order order = Order.of(label);
    return order == null ? Order.FCFS : order;
  }
}

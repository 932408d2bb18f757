package dev.headrace.router.fleet.consul;

import dev.headrace.router.admission.Order;
import dev.headrace.router.config.AdmissionOverrides;
import dev.headrace.router.config.Guess;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Reads the part {@code admission} of what an operator wrote for a model. Pure. */
final class AdmissionPatchReader {
  private static final String PREFIX = "admission.";
  private static final String MAX_QUEUE = "max-queue";
  private static final String MAX_WAIT = "max-wait";
  private static final String ORDER = "order";
  private static final Set<String> KNOWN = Set.of(MAX_QUEUE, MAX_WAIT, ORDER);

  /** Takes what is wrong with a field. */
  interface Mistakes {
    void add(String field, @Nullable Object value, String expected);
  }

  private final JsonObject json;
  private final Mistakes mistakes;

  private AdmissionPatchReader(JsonObject json, Mistakes mistakes) {
    this.json = json;
    this.mistakes = mistakes;
  }

  /**
   * @param durations reads a value under a field's name, or names the mistake and gives null
   */
  static AdmissionOverrides read(
      JsonObject json,
      BiFunction<String, @Nullable Object, @Nullable Duration> durations,
      Mistakes mistakes) {
    AdmissionPatchReader reader = new AdmissionPatchReader(json, mistakes);
    for (String field : new TreeSet<>(json.fieldNames())) {
      if (!KNOWN.contains(field)) {
        String guess = Guess.among(field, KNOWN);
        String expected = "no such field, but one of " + String.join(", ", new TreeSet<>(KNOWN));
        mistakes.add(PREFIX + field, json.getValue(field), meant(expected, guess));
      }
    }
    return new AdmissionOverrides(
        reader.maxQueue(),
        durations.apply(PREFIX + MAX_WAIT, json.getValue(MAX_WAIT)),
        reader.order());
  }

  private @Nullable Integer maxQueue() {
    Object value = json.getValue(MAX_QUEUE);
    if (value == null) {
      return null;
    }
    if (value instanceof Integer number
        && number >= 0
        && number <= AdmissionOverrides.LONGEST_QUEUE) {
      return number;
    }
    mistakes.add(
        PREFIX + MAX_QUEUE, value, "a whole number, 0 to " + AdmissionOverrides.LONGEST_QUEUE);
    return null;
  }

  private @Nullable Order order() {
    Object value = json.getValue(ORDER);
    if (value == null) {
      return null;
    }
    String word = value instanceof String text ? text : null;
    Order order = Order.of(word);
    if (order == null) {
      String guess = word == null ? null : Guess.among(word, Order.labels());
      mistakes.add(
          PREFIX + ORDER, value, meant("one of " + String.join(", ", Order.labels()), guess));
    }
    return order;
  }

  private static String meant(String expected, @Nullable String guess) {
    return guess == null ? expected : expected + "; did you mean " + guess + "?";
  }
}

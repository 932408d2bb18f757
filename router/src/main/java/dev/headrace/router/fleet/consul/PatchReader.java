package dev.headrace.router.fleet.consul;

import dev.headrace.router.balance.Policies;
import dev.headrace.router.config.AdmissionOverrides;
import dev.headrace.router.config.Guess;
import dev.headrace.router.fleet.ModelSettingsPatch;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an operator wrote for one model: a JSON object such as {@code {"aliases":["a"],
 * "weights":{"worker-1":2}, "first-token-timeout":"60s"}}. It holds as a whole or not at all, and
 * every mistake in it is named. Pure.
 */
final class PatchReader {
  private static final String ALIASES = "aliases";
  private static final String WEIGHTS = "weights";
  private static final String FIRST_TOKEN = "first-token-timeout";
  private static final String IDLE = "idle-timeout";
  private static final String TOTAL = "total-timeout";
  private static final String POLICY = "policy";
  private static final String ADMISSION = "admission";
  private static final Set<String> KNOWN =
      Set.of(ALIASES, WEIGHTS, FIRST_TOKEN, IDLE, TOTAL, POLICY, ADMISSION);

  private static final double MOST_WEIGHT = 1e6;
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|m|h|d)");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

  /** Carries every mistake of one entry. */
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable(String message) {
      super(message, null, false, false);
    }
  }

  private final JsonObject json;
  private final List<String> mistakes = new ArrayList<>();

  private PatchReader(JsonObject json) {
    this.json = json;
  }

  static ModelSettingsPatch read(String text) throws Unreadable {
    JsonObject json;
    try {
      json = new JsonObject(text);
    } catch (DecodeException | ClassCastException e) {
      throw new Unreadable("expected a JSON object");
    }
    return new PatchReader(json).read();
  }

  private ModelSettingsPatch read() throws Unreadable {
    for (String field : new TreeSet<>(json.fieldNames())) {
      if (!KNOWN.contains(field)) {
        mistakes.add("unknown field '" + field + "', expected one of " + new TreeSet<>(KNOWN));
      }
    }
    ModelSettingsPatch patch =
        new ModelSettingsPatch(
            aliases(),
            duration(FIRST_TOKEN, HOUR),
            duration(IDLE, HOUR),
            duration(TOTAL, DAY),
            policy(),
            weights(),
            admission());
    totalCoversFirstToken(patch);
    if (!mistakes.isEmpty()) {
      throw new Unreadable(String.join("; ", mistakes));
    }
    return patch;
  }

  private @Nullable List<String> aliases() {
    Object value = json.getValue(ALIASES);
    if (value == null) {
      return null;
    }
    List<String> names = new ArrayList<>();
    if (value instanceof JsonArray array) {
      for (Object name : array) {
        if (name instanceof String text && !text.isBlank()) {
          names.add(text.strip());
        } else {
          mistake(ALIASES, name, "names");
        }
      }
    } else {
      mistake(ALIASES, value, "a list of names");
    }
    return names;
  }

  private Map<String, Double> weights() {
    Object value = json.getValue(WEIGHTS);
    if (value == null) {
      return Map.of();
    }
    Map<String, Double> weights = new LinkedHashMap<>();
    if (value instanceof JsonObject object) {
      for (String worker : object.fieldNames()) {
        Object weight = object.getValue(worker);
        if (weight instanceof Number number
            && number.doubleValue() > 0
            && number.doubleValue() <= MOST_WEIGHT) {
          weights.put(worker, number.doubleValue());
        } else {
          mistake(WEIGHTS + "." + worker, weight, "a number above 0, at most 1000000");
        }
      }
    } else {
      mistake(WEIGHTS, value, "an object of worker ids and numbers");
    }
    return weights;
  }

  private void totalCoversFirstToken(ModelSettingsPatch patch) {
    Duration first = patch.firstTokenTimeout();
    Duration total = patch.totalTimeout();
    if (first != null && total != null && total.compareTo(first) < 0) {
      mistake(TOTAL, json.getValue(TOTAL), "at least the " + FIRST_TOKEN);
    }
  }

  private @Nullable Duration duration(String field, Duration most) {
    return duration(field, json.getValue(field), most);
  }

  private @Nullable Duration duration(String field, @Nullable Object value, Duration most) {
    if (value == null) {
      return null;
    }
    Matcher matcher = DURATION.matcher(value instanceof String text ? text.strip() : "");
    if (matcher.matches()) {
      BigDecimal factor = BigDecimal.valueOf(MILLIS.getOrDefault(matcher.group(2), 1L));
      long millis = new BigDecimal(matcher.group(1)).multiply(factor).longValue();
      if (millis > 0 && millis <= most.toMillis()) {
        return Duration.ofMillis(millis);
      }
    }
    String longest = most.toHours() + "h";
    mistake(field, value, "a duration above 0 with its unit, such as \"30s\", at most " + longest);
    return null;
  }

  private @Nullable String policy() {
    Object value = json.getValue(POLICY);
    if (value == null) {
      return null;
    }
    if (value instanceof String name && Policies.names().contains(name)) {
      return name;
    }
    String guess = value instanceof String name ? Guess.among(name, Policies.names()) : null;
    String expected = "one of " + String.join(", ", Policies.names());
    mistake(POLICY, value, guess == null ? expected : expected + "; did you mean " + guess + "?");
    return null;
  }

  private AdmissionOverrides admission() {
    Object value = json.getValue(ADMISSION);
    if (value == null) {
      return AdmissionOverrides.NONE;
    }
    if (value instanceof JsonObject object) {
      return AdmissionPatchReader.read(
          object,
          (field, wait) -> duration(field, wait, AdmissionOverrides.LONGEST_WAIT),
          this::mistake);
    }
    mistake(ADMISSION, value, "an object such as {\"max-queue\":100,\"max-wait\":\"30s\"}");
    return AdmissionOverrides.NONE;
  }

  private void mistake(String field, @Nullable Object value, String expected) {
    mistakes.add(field + " is " + value + ", expected " + expected);
  }
}

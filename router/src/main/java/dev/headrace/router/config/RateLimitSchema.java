package dev.headrace.router.config;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.config.HeadraceConfig.KeyLimits;
import dev.headrace.router.config.HeadraceConfig.RateLimits;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The keys of the {@code rate-limits} section. */
final class RateLimitSchema {
  private static final String UNLIMITED = "unlimited";
  private static final Pattern GROUPED = Pattern.compile("\\d{1,3}([_,. ]\\d{3})+");
  private static final Pattern SCALED = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)([kKmM])");
  private static final List<String> CLASSES =
      Arrays.stream(Priority.values()).map(Priority::label).toList();

  private static final Field<Long> REQUESTS =
      Field.optional(
          "requests-per-minute",
          limit(1_000_000),
          "Requests that the holder of a key may begin in a minute.");
  private static final Field<Long> TOKENS =
      Field.optional(
          "tokens-per-minute",
          limit(1_000_000_000),
          "Tokens that they may use in a minute, prompt and output.");
  private static final Field<Long> CONCURRENCY =
      Field.optional(
          "concurrency", limit(1_000_000), "Requests that they may have at the same time.");
  private static final Field<String> PRIORITY =
      Field.optional(
          "priority",
          ValueType.choice("one of " + String.join(", ", CLASSES), CLASSES),
          "Class of their requests that name none, and the highest that one may name.");

  private static final Shape.Section<KeyLimits> KEY =
      new Shape.Section<>(
          List.of(REQUESTS, TOKENS, CONCURRENCY, PRIORITY),
          v ->
              new KeyLimits(
                  v.find(REQUESTS),
                  v.find(TOKENS),
                  v.find(CONCURRENCY),
                  Priority.of(v.find(PRIORITY))));

  private static final Field<KeyLimits> DEFAULT =
      Field.always(
          "default",
          KEY,
          "For each key by itself, where its own entry says nothing else. Without a keys-file: for"
              + " all clients together.");
  private static final Field<Map<String, KeyLimits>> KEYS =
      Field.always(
          "keys",
          new Shape.MapOf<>("<key name>", KEY),
          "Limits of single keys, by their names in auth.keys-file.");

  static final Field<RateLimits> FIELD =
      Field.always(
          "rate-limits",
          new Shape.Section<>(
              List.of(DEFAULT, KEYS), v -> new RateLimits(v.get(DEFAULT), v.get(KEYS))),
          "What the holder of one API key may use. Left out: no limit.");

  private RateLimitSchema() {}

  /** A whole number, 0 standing for no limit, which only the word says. */
  private static ValueType<Long> limit(long max) {
    String name = "whole number, 1 to " + max + ", or " + UNLIMITED;
    return new ValueType<>(
        name,
        false,
        text -> {
          if (text.equals(UNLIMITED)) {
            return 0L;
          }
          Long value = whole(text);
          if (value == null || value < 1 || value > max) {
            throw new ValueType.Unfit("expected a " + name, guess(text, max));
          }
          return value;
        });
  }

  private static @Nullable Long whole(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable String guess(String text, long max) {
    Matcher scaled = SCALED.matcher(text);
    BigDecimal meant = null;
    if (scaled.matches()) {
      boolean thousand = scaled.group(2).equalsIgnoreCase("k");
      meant = new BigDecimal(scaled.group(1)).scaleByPowerOfTen(thousand ? 3 : 6);
    } else if (GROUPED.matcher(text).matches()) {
      meant = new BigDecimal(text.replaceAll("\\D", ""));
    }
    if (meant != null) {
      boolean fits =
          meant.stripTrailingZeros().scale() <= 0
              && meant.signum() > 0
              && meant.compareTo(BigDecimal.valueOf(max)) <= 0;
      return fits ? meant.toBigInteger().toString() : null;
    }
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "-1", "none", "off", "infinite", "infinity", ".inf", "no" -> UNLIMITED;
      default -> Guess.among(text, List.of(UNLIMITED));
    };
  }
}

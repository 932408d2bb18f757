package dev.headrace.router.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations and sizes with units: {@code 500ms}, {@code 30s}, {@code 10m}, {@code 4MiB}. */
final class Quantities {
  private static final Pattern WITH_UNIT =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,3})?)([a-zA-Z]*)");
  private static final Map<String, Long> MILLIS = new LinkedHashMap<>();
  private static final Map<String, Long> BYTES = new LinkedHashMap<>();

  static {
    MILLIS.put("d", 86_400_000L);
    MILLIS.put("h", 3_600_000L);
    MILLIS.put("m", 60_000L);
    MILLIS.put("s", 1000L);
    MILLIS.put("ms", 1L);
    BYTES.put("GiB", 1L << 30);
    BYTES.put("MiB", 1L << 20);
    BYTES.put("KiB", 1L << 10);
    BYTES.put("GB", 1_000_000_000L);
    BYTES.put("MB", 1_000_000L);
    BYTES.put("KB", 1000L);
    BYTES.put("kB", 1000L);
    BYTES.put("B", 1L);
  }

  private Quantities() {}

  /**
   * @throws ValueType.Unfit when it is no duration of whole milliseconds
   */
  static Duration duration(String text) {
    return Duration.ofMillis(
        read(text, MILLIS, "expected a duration with a unit (ms, s, m, h, d), such as 30s", "s"));
  }

  /**
   * @throws ValueType.Unfit when it is no size of whole bytes
   */
  static long size(String text) {
    return read(
        text,
        BYTES,
        "expected a size with a unit (B, KiB, MiB, GiB, KB, MB, GB), such as 4MiB",
        "MiB");
  }

  private static long read(String text, Map<String, Long> units, String expected, String usual) {
    Matcher matcher = WITH_UNIT.matcher(text);
    if (!matcher.matches()) {
      throw new ValueType.Unfit(expected);
    }
    String unit = matcher.group(2);
    Long factor = units.get(unit);
    if (factor == null) {
      String nearest = unit.isEmpty() ? usual : sameLetters(unit, units);
      throw new ValueType.Unfit(expected, nearest == null ? null : matcher.group(1) + nearest);
    }
    try {
      return new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(factor)).longValueExact();
    } catch (ArithmeticException e) {
      throw new ValueType.Unfit(expected);
    }
  }

  private static @Nullable String sameLetters(String unit, Map<String, Long> units) {
    for (String known : units.keySet()) {
      if (known.equalsIgnoreCase(unit) || (unit.length() > 1 && known.startsWith(unit))) {
        return known;
      }
    }
    return switch (unit) {
      case "sec", "secs", "second", "seconds" -> "s";
      case "min", "mins", "minute", "minutes" -> "m";
      default -> null;
    };
  }

  /** The shortest exact form. */
  static String show(Duration duration) {
    return show(duration.toMillis(), MILLIS, "ms");
  }

  /** The shortest exact form in binary units. */
  static String showSize(long bytes) {
    return show(bytes, BYTES, "B");
  }

  private static String show(long value, Map<String, Long> units, String smallest) {
    for (Map.Entry<String, Long> unit : units.entrySet()) {
      if (value != 0 && value % unit.getValue() == 0) {
        return value / unit.getValue() + unit.getKey();
      }
    }
    return value + smallest;
  }
}

package dev.headrace.worker.sim;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads named fault values of any source, and remembers which names were read. */
final class FaultFields {
  private final Map<String, Object> left = new LinkedHashMap<>();
  private final TreeSet<String> known = new TreeSet<>();

  FaultFields(Map<String, ?> values) {
    left.putAll(values);
  }

  int count(String name, int least, int most, int otherwise) {
    Object value = take(name);
    if (value == null) {
      return otherwise;
    }
    try {
      int count = Integer.parseInt(value.toString().trim());
      if (count >= least && count <= most) {
        return count;
      }
    } catch (NumberFormatException notANumber) {
      // Told below, with the range.
    }
    throw wrong(name, value, "a whole number from " + least + " to " + most);
  }

  double share(String name, double otherwise) {
    Object value = take(name);
    if (value == null) {
      return otherwise;
    }
    try {
      return Double.parseDouble(value.toString().trim());
    } catch (NumberFormatException notANumber) {
      throw wrong(name, value, "a number from 0 to 1");
    }
  }

  boolean flag(String name) {
    Object value = take(name);
    if (value == null) {
      return false;
    }
    return switch (value.toString().trim().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong(name, value, "true or false");
    };
  }

  SimFaults.Gauges gauges(String name) {
    Object value = take(name);
    if (value == null) {
      return SimFaults.Gauges.TRUE;
    }
    for (SimFaults.Gauges gauges : SimFaults.Gauges.values()) {
      if (gauges.name().equalsIgnoreCase(value.toString().trim())) {
        return gauges;
      }
    }
    throw wrong(
        name,
        value,
        "one of " + Arrays.toString(SimFaults.Gauges.values()).toLowerCase(Locale.ROOT));
  }

  void refuseUnknown() {
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "unknown fault '"
              + left.keySet().iterator().next()
              + "'; known are "
              + String.join(", ", known));
    }
  }

  private @Nullable Object take(String name) {
    known.add(name);
    return left.remove(name);
  }

  private static IllegalArgumentException wrong(String name, Object value, String expected) {
    return new IllegalArgumentException(
        "fault " + name + " is '" + value + "', expected " + expected);
  }
}

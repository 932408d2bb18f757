package dev.headrace.loadtest.perf;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The middle and the ends of a few repeated measurements.
 *
 * @param median of an even number: the mean of the two in the middle
 */
record Spread(double median, double min, double max) {
  static <T> Spread of(List<T> items, ToDoubleFunction<T> value) {
    double[] sorted = items.stream().mapToDouble(value).sorted().toArray();
    if (sorted.length == 0) {
      return new Spread(Double.NaN, Double.NaN, Double.NaN);
    }
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], Arrays.stream(sorted).max().orElseThrow());
  }

  /** The median, and the ends when they are not the same; a dash for nothing. */
  String text(String format) {
    if (Double.isNaN(median)) {
      return "-";
    }
    String middle = String.format(Locale.ROOT, format, median);
    return min == max
        ? middle
        : middle + String.format(Locale.ROOT, " (" + format + " to " + format + ")", min, max);
  }
}

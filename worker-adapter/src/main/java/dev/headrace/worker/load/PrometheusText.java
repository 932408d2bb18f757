package dev.headrace.worker.load;

import java.util.List;

/**
 * Picks a few series out of a text in Prometheus' exposition format (0.0.4 or OpenMetrics).
 *
 * <p>Such a text is read often and is mostly histograms that nobody asked for. So a line costs one
 * comparison of its name unless it is wanted, and nothing is allocated for the others. Lines that
 * are no series are passed over; nothing throws.
 */
final class PrometheusText {

  /** Takes the wanted series in the order of the text. */
  interface Sink {
    /**
     * @param index which of the wanted names it is
     * @param labels the text between the braces, empty without labels
     * @param value finite and not negative
     */
    void series(int index, String labels, double value);
  }

  private PrometheusText() {}

  static void read(String text, List<String> wanted, Sink sink) {
    int end = text.length();
    int line = 0;
    while (line < end) {
      int next = text.indexOf('\n', line);
      if (next < 0) {
        next = end;
      }
      readLine(text, line, next, wanted, sink);
      line = next + 1;
    }
  }

  private static void readLine(String text, int from, int to, List<String> wanted, Sink sink) {
    for (int i = 0; i < wanted.size(); i++) {
      String name = wanted.get(i);
      int at = from + name.length();
      if (at < to && text.startsWith(name, from)) {
        char after = text.charAt(at);
        if (after == '{') {
          int close = endOfLabels(text, at + 1, to);
          if (close > 0) {
            readValue(text, close + 1, to, i, text.substring(at + 1, close), sink);
          }
          return;
        }
        if (after == ' ' || after == '\t') {
          readValue(text, at, to, i, "", sink);
          return;
        }
      }
    }
  }

  /** Where the closing brace is: label values may hold braces and escaped quotes. */
  private static int endOfLabels(String text, int from, int to) {
    boolean quoted = false;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '}' && !quoted) {
        return i;
      }
    }
    return -1;
  }

  private static void readValue(
      String text, int from, int to, int index, String labels, Sink sink) {
    int start = from;
    while (start < to && isBlank(text.charAt(start))) {
      start++;
    }
    int end = start;
    while (end < to && !isBlank(text.charAt(end))) {
      end++;
    }
    double value = number(text.substring(start, end));
    if (Double.isFinite(value) && value >= 0) {
      sink.series(index, labels, value);
    }
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
  }

  /** The number that the text is, or NaN. */
  static double number(String text) {
    if (text.isEmpty() || text.length() > 32) {
      return Double.NaN;
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** The value of the label within {@code labels}, still escaped; empty when it is not there. */
  static String label(String labels, String name) {
    int at = 0;
    while (at < labels.length()) {
      int equals = labels.indexOf('=', at);
      if (equals < 0 || equals + 1 >= labels.length() || labels.charAt(equals + 1) != '"') {
        return "";
      }
      int close = endOfQuotes(labels, equals + 2);
      if (close < 0) {
        return "";
      }
      if (labels.substring(at, equals).strip().equals(name)) {
        return labels.substring(equals + 2, close);
      }
      at = close + 1;
      while (at < labels.length() && (labels.charAt(at) == ',' || labels.charAt(at) == ' ')) {
        at++;
      }
    }
    return "";
  }

  private static int endOfQuotes(String labels, int from) {
    for (int i = from; i < labels.length(); i++) {
      char c = labels.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '"') {
        return i;
      }
    }
    return -1;
  }
}

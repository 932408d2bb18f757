package dev.headrace.router.config;

import dev.headrace.worker.WorkerAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One kind of scalar: how it is read, how it is described, and whether it may be shown.
 *
 * @param name for the reference, with its bounds
 * @param hidden its values are never shown
 */
record ValueType<T>(String name, boolean hidden, Reader<T> reader) {

  /** Reads a text, which is not empty. */
  interface Reader<T> {
    /**
     * @throws Unfit when the text is not such a value
     */
    T read(String text);
  }

  /** What was expected, and perhaps meant. Stackless: it is an answer. */
  static final class Unfit extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final @Nullable String guess;

    Unfit(String expected) {
      this(expected, null);
    }

    Unfit(String expected, @Nullable String guess) {
      super(expected, null, false, false);
      this.guess = guess;
    }

    String expected() {
      return String.valueOf(getMessage());
    }

    @Nullable String guess() {
      return guess;
    }
  }

  static ValueType<String> text(String name) {
    return new ValueType<>(name, false, text -> text);
  }

  static ValueType<String> matching(String name, Pattern pattern, String expected) {
    return new ValueType<>(
        name,
        false,
        text -> {
          if (!pattern.matcher(text).matches()) {
            throw new Unfit(expected);
          }
          return text;
        });
  }

  static ValueType<Secret> secret() {
    return new ValueType<>(
        "secret",
        true,
        text -> {
          if (text.chars().anyMatch(c -> c < 0x21 || c > 0x7e)) {
            throw new Unfit("expected printable ASCII characters without blanks");
          }
          return Secret.of(text);
        });
  }

  static ValueType<Boolean> flag() {
    return new ValueType<>(
        "true or false",
        false,
        text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true" -> true;
              case "false" -> false;
              default -> throw new Unfit("expected true or false");
            });
  }

  static ValueType<Integer> integer(int min, int max) {
    String range = max == Integer.MAX_VALUE ? min + " or more" : min + " to " + max;
    return new ValueType<>(
        "whole number, " + range,
        false,
        text -> {
          try {
            int value = Integer.parseInt(text);
            if (value >= min && value <= max) {
              return value;
            }
          } catch (NumberFormatException e) {
            // Said below, together with the range.
          }
          throw new Unfit("expected a whole number, " + range);
        });
  }

  /** A number above zero. */
  static ValueType<Double> positive() {
    return new ValueType<>(
        "number above 0",
        false,
        text -> {
          try {
            double value = Double.parseDouble(text);
            if (value > 0 && value <= 1e6) {
              return value;
            }
          } catch (NumberFormatException e) {
            // Said below.
          }
          throw new Unfit("expected a number above 0 and at most 1000000, such as 1 or 0.5");
        });
  }

  /** A number within bounds, both included. */
  static ValueType<Double> number(double min, double max) {
    String range = plain(min) + " to " + plain(max);
    return new ValueType<>(
        "number, " + range,
        false,
        text -> {
          try {
            double value = Double.parseDouble(text);
            if (value >= min && value <= max) {
              return value;
            }
          } catch (NumberFormatException e) {
            // Said below, together with the range.
          }
          throw new Unfit("expected a number from " + range);
        });
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  static ValueType<Duration> duration(Duration min, Duration max) {
    String range = Quantities.show(min) + " to " + Quantities.show(max);
    return new ValueType<>(
        "duration, " + range,
        false,
        text -> {
          Duration value = Quantities.duration(text);
          if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new Unfit("expected a duration from " + range);
          }
          return value;
        });
  }

  static ValueType<Long> size(long min, long max) {
    String range = Quantities.showSize(min) + " to " + Quantities.showSize(max);
    return new ValueType<>(
        "size, " + range,
        false,
        text -> {
          long value = Quantities.size(text);
          if (value < min || value > max) {
            throw new Unfit("expected a size from " + range);
          }
          return value;
        });
  }

  static ValueType<InetSocketAddress> listenAddress() {
    return new ValueType<>("address to listen on", false, Addresses::listen);
  }

  static ValueType<InetSocketAddress> address(int defaultPort) {
    return new ValueType<>("host:port", false, text -> Addresses.remote(text, defaultPort));
  }

  static ValueType<String> workerUrl() {
    return new ValueType<>(
        "URL",
        false,
        text -> {
          try {
            return WorkerAddress.parse(text).url();
          } catch (IllegalArgumentException e) {
            // Its message repeats the text, which may hold a password.
            throw new Unfit(
                "expected a URL of scheme, host, port and perhaps a path, such as http://127.0.0.1:8000");
          }
        });
  }

  static ValueType<String> choice(String name, List<String> choices) {
    return new ValueType<>(
        name,
        false,
        text -> {
          if (!choices.contains(text)) {
            throw new Unfit(
                "expected one of " + String.join(", ", choices), Guess.among(text, choices));
          }
          return text;
        });
  }
}

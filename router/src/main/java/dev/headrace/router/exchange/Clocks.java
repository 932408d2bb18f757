package dev.headrace.router.exchange;

import dev.headrace.router.config.HeadraceConfig.Defaults;
import dev.headrace.router.fleet.ModelSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The three clocks of an exchange, in nanoseconds.
 *
 * @param firstToken from the choice of a worker to its first content (streams only: an answer in
 *     one piece has no first token before its last)
 * @param idle silence between tokens, or between pieces of a body
 * @param total the whole exchange
 */
record Clocks(long firstToken, long idle, long total) {

  static Clocks of(Defaults defaults, @Nullable ModelSettings settings) {
    if (settings == null) {
      return new Clocks(
          nanos(defaults.firstTokenTimeout()),
          nanos(defaults.idleTimeout()),
          nanos(defaults.totalTimeout()));
    }
    return new Clocks(
        nanos(settings.firstTokenTimeout()),
        nanos(settings.idleTimeout()),
        nanos(settings.totalTimeout()));
  }

  private static long nanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE / 4;
    }
  }
}

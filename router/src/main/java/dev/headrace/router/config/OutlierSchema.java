package dev.headrace.router.config;

import dev.headrace.router.balance.OutlierSettings;
import java.time.Duration;
import java.util.List;

/** The keys below {@code health.outliers}. */
final class OutlierSchema {
  private static final Duration MS = Duration.ofMillis(1);
  private static final Duration DAY = Duration.ofDays(1);

  private static final Field<Integer> FAILURES =
      Field.of(
          "failures",
          ValueType.integer(0, 1000),
          "5",
          "Failed requests in a row after which a worker is ejected from the model's pool; 0:"
              + " never.");
  private static final Field<Integer> SLOW =
      Field.of(
          "slow-first-tokens",
          ValueType.integer(0, 1000),
          "10",
          "Slow first tokens in a row after which it is ejected; 0: never.");
  private static final Field<Double> SLOW_FACTOR =
      Field.of(
          "slow-factor",
          ValueType.number(1.1, 1000),
          "5",
          "Slow is a first token that took so many times what was predicted, and so many times"
              + " what is usual in the pool.");
  private static final Field<Duration> SLOW_AT_LEAST =
      Field.of(
          "slow-at-least",
          ValueType.duration(MS, Duration.ofHours(1)),
          "2s",
          "A first token that took less is never slow; and slow ones must keep coming for so long.");
  private static final Field<Duration> EJECTION =
      Field.of(
          "ejection",
          ValueType.duration(MS, DAY),
          "30s",
          "Time of the first ejection; each further one in a row lasts twice as long.");
  private static final Field<Duration> MAX_EJECTION =
      Field.of(
          "max-ejection",
          ValueType.duration(MS, DAY),
          "5m",
          "Longest ejection. A worker that stays in use for longer begins anew.");
  private static final Field<Double> MAX_EJECTED =
      Field.of(
          "max-ejected",
          ValueType.number(0, 1),
          "0.5",
          "Share of a pool's routable workers that may be ejected at once. When it would be more,"
              + " all are used.");
  private static final Field<Duration> SLOW_START =
      Field.of(
          "slow-start",
          ValueType.duration(Duration.ZERO, DAY),
          "30s",
          "A worker that comes back grows from a tenth of its weight to all of it over so long;"
              + " 0s: at once.");

  static final Field<OutlierSettings> OUTLIERS =
      Field.always(
          "outliers",
          new Shape.Section<>(
              List.of(
                  FAILURES,
                  SLOW,
                  SLOW_FACTOR,
                  SLOW_AT_LEAST,
                  EJECTION,
                  MAX_EJECTION,
                  MAX_EJECTED,
                  SLOW_START),
              v -> {
                Duration first = v.get(EJECTION);
                Duration longest = v.get(MAX_EJECTION);
                return new OutlierSettings(
                    v.get(FAILURES),
                    v.get(SLOW),
                    v.get(SLOW_FACTOR),
                    v.get(SLOW_AT_LEAST),
                    first,
                    longest.compareTo(first) < 0 ? first : longest,
                    v.get(MAX_EJECTED),
                    v.get(SLOW_START));
              }),
          "Workers that are taken out of use because of what requests told. Changes need a restart.");

  private OutlierSchema() {}
}

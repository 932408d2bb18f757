package dev.headrace.router.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A bucket holds one minute's worth, and every nanosecond brings some of it back. */
class BucketsRefillTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 7, 60, 61, 999, 10_000, 100_003})
  void exactlyTheLimitFitsAtOnceAndNoMore(long limit) {
    PerMinute rate = new PerMinute(limit);
    TokenBucket bucket = new TokenBucket(0);
    for (long i = 0; i < limit; i++) {
      assertThat(rate.remaining(bucket.owed(0))).isEqualTo(limit - i);
      assertThat(bucket.take(rate.cost(1), 0)).isZero();
    }
    assertThat(rate.remaining(bucket.owed(0))).isZero();
    assertThat(bucket.take(rate.cost(1), 0)).isPositive();
  }

  @Test
  void theWaitThatItTellsIsTrueToTheNanosecond() {
    PerMinute rate = new PerMinute(60);
    TokenBucket bucket = new TokenBucket(0);
    assertThat(bucket.take(rate.cost(60), 0)).isZero();
    long wait = bucket.take(rate.cost(1), SECOND / 4);
    assertThat(wait).isEqualTo(SECOND * 3 / 4);
    assertThat(bucket.take(rate.cost(1), SECOND / 4 + wait - 1)).isEqualTo(1);
    assertThat(bucket.take(rate.cost(1), SECOND / 4 + wait)).isZero();
  }

  @Test
  void aRefusalTakesNothing() {
    TokenBucket bucket = new TokenBucket(0);
    bucket.take(TokenBucket.PERIOD, 0);
    for (int i = 0; i < 100; i++) {
      assertThat(bucket.take(SECOND, 0)).isEqualTo(SECOND);
    }
  }

  @Test
  void whatWasUsedBeyondItsReservationIsOwedAndWhatWasNotComesBack() {
    PerMinute rate = new PerMinute(600);
    TokenBucket bucket = new TokenBucket(0);
    bucket.take(rate.cost(600), 0);
    bucket.correct(rate.cost(900) - rate.cost(600), 0);
    assertThat(bucket.owed(0)).isEqualTo(90 * SECOND);
    assertThat(rate.remaining(bucket.owed(0))).isZero();
    assertThat(bucket.take(rate.cost(10), 0)).isEqualTo(31 * SECOND);
    bucket.correct(-rate.cost(850), 0);
    assertThat(rate.remaining(bucket.owed(0))).isEqualTo(550);
  }

  @Test
  void itNeverHoldsMoreThanAMinutesWorthNorOwesMoreThanAnHours() {
    TokenBucket bucket = new TokenBucket(0);
    bucket.correct(-TokenBucket.PERIOD, 0);
    assertThat(bucket.owed(0)).isZero();
    assertThat(bucket.take(TokenBucket.PERIOD, 0)).isZero();
    assertThat(bucket.take(1, 0)).isEqualTo(1);
    bucket.correct(new PerMinute(1).cost(Long.MAX_VALUE / 2), 0);
    assertThat(bucket.owed(0)).isEqualTo(TokenBucket.MOST_OWED);
  }

  @Test
  void aClockThatRunsOverItsEndChangesNothing() {
    long start = Long.MAX_VALUE - 10 * SECOND;
    TokenBucket bucket = new TokenBucket(start);
    assertThat(bucket.take(TokenBucket.PERIOD, start)).isZero();
    assertThat(bucket.owed(start + 30 * SECOND)).isEqualTo(30 * SECOND);
    assertThat(bucket.owed(start + 60 * SECOND)).isZero();
  }

  /** Against the plain definition: a level that grows with time, up to the capacity. */
  @Test
  void itBehavesAsALevelThatGrows() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 50; round++) {
      long limit = random.nextLong(1, 1_000_000);
      PerMinute rate = new PerMinute(limit);
      TokenBucket bucket = new TokenBucket(0);
      double level = limit;
      long now = 0;
      for (int step = 0; step < 500; step++) {
        long pause = random.nextLong(SECOND);
        now += pause;
        level = Math.min(limit, level + (double) pause / TokenBucket.PERIOD * limit);
        long units = random.nextLong(1, Math.max(2, limit / 20));
        boolean fits = level - units >= 0;
        if (Math.abs(level - units) < 1e-3 * limit) {
          continue;
        }
        assertThat(bucket.take(rate.cost(units), now) == 0).as("seed %s", seed).isEqualTo(fits);
        if (fits) {
          level -= units;
        }
        assertThat((double) bucket.owed(now) / TokenBucket.PERIOD * limit)
            .isCloseTo(limit - level, within(1e-4 * limit));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "1, 1ms",
    "120, 120ms",
    "1000, 1s",
    "1500, 1.5s",
    "8640, 8.64s",
    "60000, 1m0s",
    "86400, 1m26.4s",
    "360000, 6m0s",
    "360007, 6m0.007s",
    "3600000, 1h0m0s"
  })
  void timesHaveTheFormOfOpenAisHeaders(long millis, String text) {
    assertThat(ResetTime.text(millis)).isEqualTo(text);
  }
}

package dev.headrace.router.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Checks come soon when something is wrong, and never back to back. */
final class CheckPaceTest {
  private static final long SEED = 11;
  private static final long MILLI = 1_000_000;
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  private final CheckPace pace = new CheckPace(INTERVAL, new Jitter(new Random(SEED)), 0);
  private long now;

  private void waited(long millis) {
    now += millis * MILLI;
  }

  @Test
  void aReadyWorkerIsCheckedAtTheIntervalAndAtOnceWhenARequestFails() {
    for (int i = 0; i < 20; i++) {
      assertThat(pace.ended(true, now)).isBetween(1600L, 2400L);
      waited(100);
      assertThat(pace.hurry(now)).isZero();
      assertThat(pace.hurry(now)).isEqualTo(-1);
      assertThat(pace.ended(true, now)).isBetween(1600L, 2400L);
      waited(2000);
    }
  }

  @Test
  void hurriedChecksBackOffUpToTheInterval() {
    pace.ended(true, now);
    long[] least = {0, 250, 500, 1000, 1000, 1000};
    long[] most = {0, 500, 1000, 2000, 2000, 2000};
    for (int i = 0; i < least.length; i++) {
      long wait = pace.hurry(now);
      if (wait >= 0) {
        assertThat(wait).as("check %d, seed %d", i, SEED).isBetween(least[i], most[i]);
        waited(wait);
      }
      pace.ended(true, now);
    }
  }

  @Test
  void aWorkerThatIsNotReadyIsAskedSoonAndThenAtTheInterval() {
    assertThat(pace.ended(false, now)).isBetween(250L, 500L);
    assertThat(pace.hurry(now)).isEqualTo(-1);
    assertThat(pace.ended(false, now)).isBetween(500L, 1000L);
    assertThat(pace.ended(false, now)).isBetween(1000L, 2000L);
    assertThat(pace.ended(false, now)).isBetween(1000L, 2000L);
    pace.anew(now);
    assertThat(pace.hurry(now)).isZero();
  }

  @Test
  void anIntervalBelowTheLeastIsKept() {
    CheckPace fast = new CheckPace(Duration.ofMillis(20), new Jitter(new Random(SEED)), 0);
    assertThat(fast.ended(false, 0)).isBetween(10L, 20L);
  }
}

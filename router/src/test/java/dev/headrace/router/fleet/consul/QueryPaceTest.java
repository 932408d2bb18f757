package dev.headrace.router.fleet.consul;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Quick when something changed, patient when nothing did or nobody answers. */
class QueryPaceTest {
  private static final long MILLISECOND = 1_000_000;

  @Test
  void aChangeIsFollowedAtOnce() {
    QueryPace pace = new QueryPace(new Random(1));
    for (int i = 0; i < 1000; i++) {
      assertThat(pace.afterAnswer(i, i + 10 * MILLISECOND, true)).isZero();
    }
  }

  @Property
  void answersWithoutAChangeAreBoundedToOneASecondAndABurst(
      @ForAll @IntRange(min = 0, max = 5000) int roundTripMillis,
      @ForAll @IntRange(min = 1, max = 300) int queries,
      @ForAll long epoch) {
    QueryPace pace = new QueryPace(new Random(1));
    long now = epoch;
    for (int i = 0; i < queries; i++) {
      long sent = now;
      now += roundTripMillis * MILLISECOND;
      now += pace.afterAnswer(sent, now, false);
    }
    double seconds = (now - epoch) / 1e9;
    assertThat((double) queries).isLessThanOrEqualTo(QueryPace.BURST + seconds + 1);
  }

  @Property
  void failuresBackOffWithJitterAndTheFirstRetryIsQuick(@ForAll long seed) {
    QueryPace pace = new QueryPace(new Random(seed));
    long most = Duration.ofMillis(100).toNanos();
    for (int i = 0; i < 20; i++) {
      long delay = pace.afterFailure();
      assertThat(delay).isBetween(most / 2, most);
      most = Math.min(most * 2, Duration.ofSeconds(5).toNanos());
    }
    pace.afterAnswer(0, 0, true);
    assertThat(pace.afterFailure()).isLessThanOrEqualTo(Duration.ofMillis(100).toNanos());
  }
}

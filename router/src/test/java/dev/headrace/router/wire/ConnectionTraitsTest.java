package dev.headrace.router.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A connection is given up before its worker would close it, as far as anybody can know. */
class ConnectionTraitsTest {
  private final ConnectionTraits traits = new ConnectionTraits();

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void untilMoreIsKnownTheUsualServersDecide() {
    assertThat(traits.idleNanos()).isEqualTo(millis(4_000));
    assertThat(traits.keeps(1_000_000, true)).isTrue();
    assertThat(traits.keeps(1_000_000, false)).isTrue();
  }

  @Test
  void whatIsToldHoldsWithSomeTimeToSpare() {
    traits.told("timeout=5, max=100");
    assertThat(traits.idleNanos()).isEqualTo(millis(4_000));
    assertThat(traits.keeps(99, false)).isTrue();
    assertThat(traits.keeps(100, false)).isFalse();
    assertThat(traits.keeps(101, true)).isFalse();

    traits.told("max=2,Timeout=1");
    assertThat(traits.idleNanos()).isEqualTo(millis(800));
    assertThat(traits.keeps(1, true)).isTrue();
    assertThat(traits.keeps(2, true)).isFalse();

    traits.told("timeout=75");
    assertThat(traits.idleNanos()).isEqualTo(millis(60_000));
    traits.told("timeout=0");
    assertThat(traits.idleNanos()).isZero();
  }

  @Test
  void whatCannotBeReadChangesNothing() {
    for (String told :
        new String[] {
          null,
          "",
          ",",
          "=",
          "timeout",
          "timeout=",
          "timeout=-1",
          "timeout=x",
          "timeout=99999999",
          "max=0",
          "max=",
          "foo=1",
          "timeout=1.5",
          "max=1=1"
        }) {
      traits.told(told);
      assertThat(traits.idleNanos()).as(told).isEqualTo(millis(4_000));
      assertThat(traits.keeps(1_000_000, false)).as(told).isTrue();
    }
  }

  @Test
  void theSmallerBoundWins() {
    traits.told("timeout=10, max=100");
    traits.closedByWorker(millis(5_000), 7, false);
    assertThat(traits.idleNanos()).isEqualTo(millis(4_000));
    traits.closedByWorker(millis(2_000), 7, false);
    assertThat(traits.idleNanos()).isEqualTo(millis(1_600));

    // Seen later and longer, or promised: neither takes back what was seen.
    traits.closedByWorker(millis(3_000), 7, false);
    traits.told("timeout=10, max=100");
    assertThat(traits.idleNanos()).isEqualTo(millis(1_600));
    assertThat(traits.keeps(99, false)).as("an idle close tells nothing of a count").isTrue();

    traits.told("timeout=1");
    assertThat(traits.idleNanos()).isEqualTo(millis(800));
  }

  @Test
  void aWorkerThatCountsIsNotAskedOnceTooOften() {
    traits.closedByWorker(millis(1), 20, false);
    assertThat(traits.keeps(19, false)).isTrue();
    assertThat(traits.keeps(20, false)).isFalse();
    traits.told("max=10");
    assertThat(traits.keeps(10, false)).isFalse();
    traits.told("max=100");
    assertThat(traits.keeps(19, false)).isTrue();
    assertThat(traits.keeps(20, false)).isFalse();
    assertThat(traits.idleNanos()).isEqualTo(millis(4_000));
  }

  /** A worker that was stopped under load had closed connections at any count. */
  @Test
  void aCountThatHoldsNoMoreIsFoundOut() {
    traits.closedByWorker(millis(1), 2, false);
    for (int i = 0; i < 63; i++) {
      assertThat(traits.keeps(2, false)).isFalse();
      traits.servedOn(1, false);
    }
    assertThat(traits.keeps(2, false)).as("a trial").isTrue();
    traits.closedByWorker(millis(1), 2, false);
    for (int i = 0; i < 63; i++) {
      assertThat(traits.keeps(2, false)).as("it still closed").isFalse();
    }
    assertThat(traits.keeps(2, false)).as("the next trial").isTrue();
    traits.servedOn(2, false);
    assertThat(traits.keeps(2, false)).isTrue();
    assertThat(traits.keeps(1_000, false)).isTrue();
  }

  @Test
  void aCloseAtOnceAfterTheFirstAnswerIsNoCount() {
    traits.closedByWorker(millis(1), 1, false);
    assertThat(traits.keeps(1, false)).isTrue();
  }

  @Test
  void noIdleTimeIsSoShortThatNothingIsKept() {
    traits.closedByWorker(ConnectionTraits.AT_ONCE + 1, 1, false);
    assertThat(traits.idleNanos()).isBetween(millis(50), ConnectionTraits.AT_ONCE);
  }

  @Test
  void aCloseAfterEachStreamIsLearned() {
    traits.closedByWorker(millis(1), 1, true);
    assertThat(traits.keeps(1, true)).isFalse();
    assertThat(traits.keeps(1, false)).as("after anything else").isTrue();
    assertThat(traits.idleNanos()).isEqualTo(millis(4_000));
  }

  @Test
  void nowAndThenAConnectionIsKeptAfterAStreamToSeeWhetherThatStillHolds() {
    traits.closedByWorker(millis(1), 1, true);
    int kept = 0;
    for (int i = 0; i < 640; i++) {
      kept += traits.keeps(1, true) ? 1 : 0;
    }
    assertThat(kept).isEqualTo(10);

    // The trial ended as before: the next one is as far away as the first.
    traits.closedByWorker(millis(1), 1, true);
    for (int i = 0; i < 63; i++) {
      assertThat(traits.keeps(1, true)).isFalse();
    }
    assertThat(traits.keeps(1, true)).isTrue();
  }

  @Test
  void aConnectionThatServedOnAfterAStreamUnlearnsIt() {
    traits.closedByWorker(millis(1), 1, true);
    traits.servedOn(1, true);
    for (int i = 0; i < 100; i++) {
      assertThat(traits.keeps(1, true)).isTrue();
    }
  }
}

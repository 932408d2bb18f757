package dev.headrace.router.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.WorkerHealth;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** An operator's word outlives a worker's absence, but not for ever, and in bounded memory. */
final class OperatorMarksTest {
  private static final long HOUR = Duration.ofHours(1).toNanos();

  private final OperatorMarks marks = new OperatorMarks();

  private static Worker.Live live(boolean drained) {
    Worker.Live live = new Worker.Live(WorkerHealth.READY);
    live.drainedByOperator(drained);
    return live;
  }

  private boolean drainedOnReturn(String key, long now) {
    Worker.Live live = live(false);
    marks.came(key, live, now);
    return live.drainedByOperator();
  }

  @Test
  void aMarkIsGivenBackOnceWithinTheHour() {
    marks.left("s/a", live(true), 5);
    marks.left("s/b", live(true), 5);
    marks.left("s/c", live(false), 5);
    assertThat(drainedOnReturn("s/a", 5 + HOUR)).isTrue();
    assertThat(drainedOnReturn("s/a", 5 + HOUR)).isFalse();
    assertThat(drainedOnReturn("s/b", 6 + HOUR)).isFalse();
    assertThat(drainedOnReturn("s/c", 5)).isFalse();
    assertThat(marks.size()).isZero();
  }

  @Test
  void onlyTheLastOnesAreKept() {
    for (int i = 0; i < 10_000; i++) {
      marks.left("s/" + i, live(true), i);
    }
    assertThat(marks.size()).isEqualTo(OperatorMarks.CAPACITY);
    assertThat(drainedOnReturn("s/" + (10_000 - OperatorMarks.CAPACITY), 10_000)).isTrue();
    assertThat(drainedOnReturn("s/1", 10_000)).isFalse();
  }
}

package dev.headrace.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The shortest request goes first, and the longest is served in bounded time all the same. */
class ShortestJobFirstTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long MAX_WAIT = 60 * SECOND;
  private static final int LONG_ONE = -1;

  private long now;

  private static WaitingLine<Integer> line(Order order) {
    return new WaitingLine<>(new WaitingLine.Bounds(100_000, MAX_WAIT, order));
  }

  private void enter(WaitingLine<Integer> line, int name, String tenant, double work) {
    Ticket.Terms terms =
        new Ticket.Terms(
            Priority.MEDIUM, tenant, work, 10 * work, now, now + 1000 * SECOND, SECOND);
    assertThat(line.enter(new Ticket<>(name, terms), now, (who, why) -> {})).isTrue();
  }

  private Integer serve(WaitingLine<Integer> line) {
    Ticket<Integer> next = line.next(now, any -> true);
    if (next == null) {
      return null;
    }
    line.served(next, now);
    return next.holder();
  }

  private List<Integer> serveAll(WaitingLine<Integer> line) {
    List<Integer> order = new ArrayList<>();
    for (Integer next = serve(line); next != null; next = serve(line)) {
      order.add(next);
    }
    return order;
  }

  @Test
  void theLeastWorkGoesFirstAndEqualsInTheOrderOfTheirArrival() {
    WaitingLine<Integer> line = line(Order.SHORTEST_JOB_FIRST);
    enter(line, 1, "", 9);
    enter(line, 2, "", 1);
    enter(line, 3, "", 5);
    enter(line, 4, "", 1);
    assertThat(serveAll(line)).containsExactly(2, 4, 3, 1);
  }

  @Test
  void theOrderOfAnOpenLineCanBeChanged() {
    WaitingLine<Integer> line = line(Order.FCFS);
    enter(line, 1, "", 9);
    enter(line, 2, "", 5);
    enter(line, 3, "", 1);
    line.adjust(new WaitingLine.Bounds(100_000, MAX_WAIT, Order.SHORTEST_JOB_FIRST));
    assertThat(serve(line)).isEqualTo(3);
    line.adjust(new WaitingLine.Bounds(100_000, MAX_WAIT, Order.FCFS));
    assertThat(serve(line)).isEqualTo(1);
  }

  @Test
  void tenantsStillShareWhateverTheLengthOfTheirRequests() {
    WaitingLine<Integer> line = line(Order.SHORTEST_JOB_FIRST);
    for (int i = 0; i < 50; i++) {
      enter(line, 1, "short", 10);
    }
    for (int i = 0; i < 5; i++) {
      enter(line, 2, "long", 100);
    }
    List<Integer> first = new ArrayList<>();
    for (int i = 0; i < 33; i++) {
      first.add(serve(line));
    }
    assertThat(first).filteredOn(name -> name == 2).hasSizeBetween(2, 4);
  }

  @Test
  void onArrivalOnlyThoseWithLessWorkCountAsBefore() {
    for (Order order : Order.values()) {
      WaitingLine<Integer> line = line(order);
      for (int i = 0; i < 110; i++) {
        enter(line, i, "", 5);
      }
      for (int i = 0; i < 10; i++) {
        now += SECOND;
        serve(line);
      }
      // 100 wait, one is served each second, and the first token is wanted within 50 s.
      Ticket.Terms terms =
          new Ticket.Terms(Priority.MEDIUM, "", 1, 10, now, now + 50 * SECOND, SECOND);
      assertThat(line.enter(new Ticket<>(200, terms), now, (who, why) -> {}))
          .isEqualTo(order == Order.SHORTEST_JOB_FIRST);
    }
  }

  /** One long request among an endless stream of short ones that takes every place. */
  @Property(tries = 200)
  void aLongRequestIsServedWhateverShortOnesCome(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int perSecond) {
    now = 0;
    Random random = new Random(seed);
    WaitingLine<Integer> line = line(Order.SHORTEST_JOB_FIRST);
    for (int i = 0; i < 5; i++) {
      enter(line, i, "", 0.1 + random.nextDouble());
    }
    long asked = now;
    enter(line, LONG_ONE, "", 1000);
    long servedAt = -1;
    int olderThanIt = 5;
    for (int step = 0; servedAt < 0 && now - asked < MAX_WAIT; step++) {
      now += SECOND / perSecond;
      enter(line, 10 + step, "", 0.1 + random.nextDouble());
      if (serve(line) == LONG_ONE) {
        servedAt = now;
      }
    }
    // Aged after a quarter of the longest wait; then only those that came before it may go first.
    long bound = MAX_WAIT / 4 + (olderThanIt + 2) * SECOND / perSecond;
    assertThat(servedAt).as("seed " + seed).isBetween(asked + MAX_WAIT / 4, asked + bound);
  }
}

package dev.headrace.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who is next, who is refused, and what is told, on a clock that the test moves. */
class WaitingLineTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Map<String, Refusal> refused = new HashMap<>();
  private long now;

  private WaitingLine<String> line(int most) {
    return new WaitingLine<>(new WaitingLine.Bounds(most, 60 * SECOND, Order.FCFS));
  }

  private Ticket<String> ticket(String name, Priority priority, String tenant, double tokens) {
    return new Ticket<>(
        name, new Ticket.Terms(priority, tenant, 1, tokens, now, now + 1000 * SECOND, 0));
  }

  private boolean enter(WaitingLine<String> line, Ticket<String> ticket) {
    return line.enter(ticket, now, (who, why) -> refused.put(who.holder(), why));
  }

  private String serve(WaitingLine<String> line) {
    Ticket<String> next = line.next(now, any -> true);
    if (next == null) {
      return null;
    }
    line.served(next, now);
    return next.holder();
  }

  private List<String> serveAll(WaitingLine<String> line) {
    List<String> order = new ArrayList<>();
    for (String next = serve(line); next != null; next = serve(line)) {
      order.add(next);
    }
    return order;
  }

  @Test
  void urgentOnesGoFirstAndInsideAClassWhoeverCameFirst() {
    WaitingLine<String> line = line(10);
    enter(line, ticket("low", Priority.LOW, "", 10));
    enter(line, ticket("medium-1", Priority.MEDIUM, "", 10));
    enter(line, ticket("high-1", Priority.HIGH, "", 10));
    enter(line, ticket("medium-2", Priority.MEDIUM, "", 10));
    enter(line, ticket("high-2", Priority.HIGH, "", 10));
    assertThat(serveAll(line)).containsExactly("high-1", "high-2", "medium-1", "medium-2", "low");
  }

  @Test
  void tenantsShareTokensAndNotRequests() {
    WaitingLine<String> line = line(1000);
    for (int i = 0; i < 100; i++) {
      enter(line, ticket("big", Priority.MEDIUM, "a", 4000));
    }
    for (int i = 0; i < 400; i++) {
      enter(line, ticket("small", Priority.MEDIUM, "b", 500));
    }
    double big = 0;
    double small = 0;
    for (int i = 0; i < 200; i++) {
      if (serve(line).equals("big")) {
        big += 4000;
      } else {
        small += 500;
      }
    }
    assertThat(big / small).isBetween(0.85, 1.18);
  }

  @Test
  void whoCannotTakeThePlaceHoldsUpNobodyAndKeepsItsTurn() {
    WaitingLine<String> line = line(10);
    enter(line, ticket("a", Priority.MEDIUM, "t", 10));
    enter(line, ticket("b", Priority.MEDIUM, "u", 10));
    assertThat(line.next(now, name -> name.equals("b")).holder()).isEqualTo("b");
    assertThat(line.next(now, name -> false)).isNull();
    assertThat(line.size()).isEqualTo(2);
    assertThat(serveAll(line)).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void nobodyStarvesUnderEndlessUrgentWork() {
    WaitingLine<String> line = line(1000);
    for (int i = 0; i < 10; i++) {
      enter(line, ticket("low", Priority.LOW, "quiet", 100));
    }
    Map<String, Integer> served = new HashMap<>();
    for (int step = 0; step < 2000; step++) {
      now += SECOND / 10;
      enter(line, ticket("high", Priority.HIGH, "loud", 100));
      enter(line, ticket("high", Priority.HIGH, "loud", 100));
      served.merge(serve(line), 1, Integer::sum);
      if (line.size() > 900) {
        break;
      }
    }
    assertThat(served.get("low")).isEqualTo(10);
    assertThat(served.get("high")).isGreaterThanOrEqualTo(7 * served.get("low"));
  }

  @Test
  void noClassStarvesWhileTheLineIsFullOfMoreUrgentOnes() {
    WaitingLine<String> line = line(80);
    Map<String, Integer> served = new HashMap<>();
    for (int step = 0; step < 12_000; step++) {
      now += SECOND / 30;
      enter(
          line,
          switch (step % 3) {
            case 0 -> ticket("low", Priority.LOW, "c", 100);
            case 1 -> ticket("high", Priority.HIGH, "a", 100);
            default -> ticket("medium", Priority.MEDIUM, "b", 100);
          });
      line.expire(now, (who, why) -> {});
      if (step % 3 == 0 && step > 6_000) {
        served.merge(serve(line), 1, Integer::sum);
      }
    }
    // 10 of each class come per second, and 10 go in all.
    int all = served.values().stream().mapToInt(Integer::intValue).sum();
    assertThat(served.get("high")).isBetween(all * 7 / 8 - 20, all);
    assertThat(served.getOrDefault("low", 0)).isGreaterThan(all / 40);
    assertThat(served.getOrDefault("medium", 0)).isGreaterThan(all / 40);
  }

  @Test
  void aFullLineRefusesOrDisplacesTheLeastUrgent() {
    WaitingLine<String> line = line(2);
    enter(line, ticket("low-1", Priority.LOW, "", 10));
    enter(line, ticket("low-2", Priority.LOW, "", 10));
    assertThat(enter(line, ticket("low-3", Priority.LOW, "", 10))).isFalse();
    assertThat(enter(line, ticket("high", Priority.HIGH, "", 10))).isTrue();
    assertThat(refused).isEqualTo(Map.of("low-3", Refusal.FULL, "low-2", Refusal.DISPLACED));
    assertThat(line.size()).isEqualTo(2);
    assertThat(serveAll(line)).containsExactly("high", "low-1");
  }

  @Test
  void oneTenantCannotKeepTheLineForItself() {
    WaitingLine<String> line = line(4);
    for (int i = 1; i <= 4; i++) {
      enter(line, ticket("loud-" + i, Priority.MEDIUM, "loud", 10));
    }
    assertThat(enter(line, ticket("quiet-1", Priority.MEDIUM, "quiet", 10))).isTrue();
    assertThat(enter(line, ticket("quiet-2", Priority.MEDIUM, "quiet", 10))).isTrue();
    assertThat(enter(line, ticket("quiet-3", Priority.MEDIUM, "quiet", 10))).isFalse();
    assertThat(refused.keySet()).containsExactlyInAnyOrder("loud-4", "loud-3", "quiet-3");
  }

  @Test
  void aLineWithoutRoomAtAllRefusesEverybody() {
    assertThat(enter(line(0), ticket("a", Priority.HIGH, "", 10))).isFalse();
    assertThat(refused).containsEntry("a", Refusal.FULL);
  }

  @Test
  void waitingEndsAtItsBoundAndWhenTheFirstTokenCannotComeInTime() {
    WaitingLine<String> line = line(10);
    enter(line, ticket("patient", Priority.MEDIUM, "", 10));
    enter(
        line,
        new Ticket<>(
            "hurried",
            new Ticket.Terms(Priority.MEDIUM, "", 1, 10, now, now + 10 * SECOND, 2 * SECOND)));
    now += 8 * SECOND;
    line.expire(now, (who, why) -> refused.put(who.holder(), why));
    assertThat(refused).isEmpty();
    now += 1;
    line.expire(now, (who, why) -> refused.put(who.holder(), why));
    assertThat(refused).isEqualTo(Map.of("hurried", Refusal.DEADLINE));
    now = 60 * SECOND;
    line.expire(now, (who, why) -> refused.put(who.holder(), why));
    assertThat(refused).containsEntry("patient", Refusal.WAIT);
    assertThat(line.size()).isZero();
  }

  @Test
  void whoWillBeTooLateIsRefusedOnArrival() {
    WaitingLine<String> line = line(1000);
    for (int i = 0; i < 110; i++) {
      enter(line, ticket("w", Priority.HIGH, "", 10));
    }
    for (int i = 0; i < 10; i++) {
      now += SECOND;
      serve(line);
    }
    // 100 ahead at one per second.
    Ticket.Terms inTime = new Ticket.Terms(Priority.LOW, "", 1, 10, now, now + 120 * SECOND, 0);
    Ticket.Terms late = new Ticket.Terms(Priority.LOW, "", 1, 10, now, now + 80 * SECOND, 0);
    assertThat(enter(line, new Ticket<>("in time", inTime))).isTrue();
    assertThat(enter(line, new Ticket<>("late", late))).isFalse();
    assertThat(refused).isEqualTo(Map.of("late", Refusal.DEADLINE));
  }

  @Test
  void thePredictedWaitFollowsTheLineAndIsNothingWhenNobodyWaits() {
    WaitingLine<String> line = line(1000);
    assertThat(line.predictedWaitSeconds(now)).isZero();
    for (int i = 0; i < 30; i++) {
      enter(line, ticket("w", Priority.MEDIUM, "", 10));
    }
    now += 5 * SECOND;
    assertThat(line.predictedWaitSeconds(now)).as("no rate yet: the longest wait").isEqualTo(5);
    for (int i = 0; i < 20; i++) {
      now += SECOND / 2;
      serve(line);
    }
    // 10 wait and one more would, about 1.4 places per second (none in the first 5 s).
    double busy = line.predictedWaitSeconds(now);
    assertThat(busy).isBetween(11 / 2.0, 11 / 1.0);
    now += 10 * SECOND;
    assertThat(line.predictedWaitSeconds(now)).as("it stands still").isGreaterThan(busy * 1.5);
    now += 3600 * SECOND;
    assertThat(line.predictedWaitSeconds(now)).isEqualTo(3600);
    serveAll(line);
    assertThat(line.predictedWaitSeconds(now)).isZero();
    assertThat(line.state("m", now).predictedWaitSeconds()).isZero();
  }

  @Test
  void leavingWorksOnceAndCountsFollow() {
    WaitingLine<String> line = line(10);
    Ticket<String> ticket = ticket("a", Priority.LOW, "", 70);
    enter(line, ticket);
    now += 3 * SECOND;
    QueueState state = line.state("m", now);
    assertThat(state.depth()).isEqualTo(1);
    assertThat(state.oldestSeconds()).isEqualTo(3);
    assertThat(state.of(Priority.LOW).tokens()).isEqualTo(70);
    assertThat(line.leave(ticket, now)).isTrue();
    assertThat(line.leave(ticket, now)).isFalse();
    assertThat(line.state("m", now).classes()).allMatch(part -> part.tokens() == 0);
  }
}

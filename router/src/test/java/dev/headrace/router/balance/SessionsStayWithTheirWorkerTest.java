package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The promises of the policy {@code session}. */
final class SessionsStayWithTheirWorkerTest {
  private record Slot(WorkerLedger ledger, ServiceRates rates, double weight)
      implements Candidate {}

  private final List<Slot> slots = new ArrayList<>();
  private final ModelMeans means = new ModelMeans();

  private void fleet(double... weights) {
    for (double weight : weights) {
      WorkerLedger ledger = new WorkerLedger("w" + slots.size(), Integer.MAX_VALUE, means, () -> 0);
      slots.add(new Slot(ledger, ledger.rates("m"), weight));
    }
  }

  private Lease<Slot> pick(String session, long seed, Slot without) {
    return new Picker(new Random(seed), () -> 0)
        .pick(
            slots,
            s -> s != without,
            new SessionPolicy(),
            Demand.TYPICAL.with(Affinity.of(session)));
  }

  private Map<String, Slot> homes(int sessions, Slot without) {
    Map<String, Slot> homes = new HashMap<>();
    for (int i = 0; i < sessions; i++) {
      Lease<Slot> lease = pick("session-" + i, i, without);
      homes.put("session-" + i, lease.worker());
      lease.close(Ending.SUCCEEDED);
    }
    return homes;
  }

  @Test
  void aSessionHasOneHomeInEveryRouterWhateverItsRandomSource() {
    fleet(1, 1, 1, 1, 1);
    Slot home = pick("s", 1, null).worker();
    slots.forEach(s -> assertThat(s.ledger().inFlight()).isLessThanOrEqualTo(1));
    for (long seed = 2; seed < 50; seed++) {
      SessionsStayWithTheirWorkerTest other = new SessionsStayWithTheirWorkerTest();
      other.fleet(1, 1, 1, 1, 1);
      assertThat(other.pick("s", seed, null).worker().ledger().workerId())
          .isEqualTo(home.ledger().workerId());
    }
  }

  @Test
  void aWorkerThatLeavesMovesItsOwnSessionsOnlyAndNotAllToOneWorker() {
    fleet(1, 2, 1, 1, 3);
    Slot gone = slots.get(1);
    Map<String, Slot> before = homes(4_000, null);
    Map<String, Slot> after = homes(4_000, gone);
    Map<Slot, Integer> moved = new HashMap<>();
    before.forEach(
        (session, home) -> {
          if (home == gone) {
            moved.merge(after.get(session), 1, Integer::sum);
          } else {
            assertThat(after.get(session)).isSameAs(home);
          }
        });
    assertThat(moved).hasSize(4);
    assertThat(moved.values().stream().mapToInt(n -> n).sum()).isCloseTo(1_000, within(120));
  }

  @Test
  void theBoundHoldsWhenAllSpeakInOneSession() {
    fleet(1, 1, 2, 4);
    for (int i = 0; i < 2_000; i++) {
      Slot chosen = pick("hot", i, null).worker();
      double bound = Math.ceil(1.25 * (i + 1) * chosen.weight() / 8);
      assertThat((double) chosen.ledger().inFlight()).isLessThanOrEqualTo(bound);
    }
  }

  @Test
  void anOverflowGoesToTheSameSecondWorkerEachTime() {
    fleet(1, 1, 1, 1, 1, 1, 1, 1);
    Slot home = pick("s", 1, null).worker();
    Lease<Slot> away = pick("s", 2, home);
    Slot second = away.worker();
    away.close(Ending.SUCCEEDED);
    for (long seed = 3; seed < 30; seed++) {
      // Two requests over eight workers: the bound is one each, and the home has it.
      Lease<Slot> overflow = pick("s", seed, null);
      assertThat(overflow.worker()).isSameAs(second).isNotSameAs(home);
      overflow.close(Ending.SUCCEEDED);
    }
  }

  @Test
  void withoutAKeyItIsLeastLoad() {
    fleet(1, 1, 1);
    for (int i = 0; i < 300; i++) {
      pick("", i, null);
    }
    assertThat(slots).allSatisfy(s -> assertThat(s.ledger().inFlight()).isEqualTo(100));
  }
}

package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.load.WorkerLoad;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a policy says of its next choice is what it then does. */
final class PoliciesSayWhomTheyTakeTest {
  private record Slot(WorkerLedger ledger, ServiceRates rates, double weight)
      implements Candidate {}

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  static List<String> names() {
    return Policies.names();
  }

  private List<Slot> fleet(int size) {
    ModelMeans means = new ModelMeans();
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      WorkerLedger ledger = new WorkerLedger("w" + i, 1_000, means, () -> 0);
      slots.add(new Slot(ledger, ledger.rates("m"), 1 + random.nextInt(3)));
      if (random.nextInt(3) == 0) {
        ledger.reported(
            WorkerLoad.of(0, random.nextInt(9), random.nextInt(9), random.nextDouble()),
            ledger.account());
      }
    }
    Picker picker = new Picker(random, () -> 0);
    for (int i = random.nextInt(4 * size); i > 0; i--) {
      picker.pick(slots, s -> true, new RandomPolicy(), demand());
    }
    return slots;
  }

  private Demand demand() {
    return new Demand(1 + random.nextInt(8_000), 1 + random.nextInt(2_000))
        .with(random.nextInt(4) == 0 ? Affinity.NONE : random.nextLong());
  }

  private static Scan scan(List<Slot> slots) {
    Scan scan = new Scan();
    scan.begin(slots);
    for (int i = 0; i < slots.size(); i++) {
      scan.add(i, slots.get(i).ledger().stamp());
    }
    return scan;
  }

  @ParameterizedTest
  @MethodSource("names")
  void whoeverIsNamedIsTakenAndNobodyElse(String name) {
    Policy policy = Policies.of(name);
    for (int round = 0; round < 300; round++) {
      List<Slot> slots = fleet(2 + random.nextInt(6));
      Demand demand = demand();
      Scan scan = scan(slots);
      Outlook outlook = policy.outlook(slots, demand, 0);
      String at = name + ", seed " + seed + ", round " + round;
      assertThat(outlook.best().isEmpty()).as(at).isEqualTo(outlook.undecided() != null);
      Set<Integer> taken = new HashSet<>();
      for (int i = 0; i < (name.equals("round-robin") ? 1 : 60); i++) {
        taken.add(policy.choose(scan, demand, random, 0));
      }
      if (!outlook.best().isEmpty()) {
        assertThat(outlook.best()).as(at).containsAll(taken);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void askingChangesNothing(String name) {
    Policy policy = Policies.of(name);
    List<Slot> slots = fleet(5);
    Demand demand = demand();
    Outlook first = policy.outlook(slots, demand, 0);
    assertThat(policy.outlook(slots, demand, 0)).isEqualTo(first);
    slots.forEach(slot -> policy.scoreOf(slot, demand, 0));
    assertThat(policy.outlook(slots, demand, 0)).isEqualTo(first);
  }

  @Test
  void thoseThatCompareShowTheirNumbersAndTheLowestIsNamed() {
    for (String name : List.of("least-load", "least-requests", "peak-ewma", "power-of-two")) {
      Policy policy = Policies.of(name);
      for (Slot slot : fleet(5)) {
        assertThat(policy.scoreOf(slot, demand(), 0)).as(name).isPositive().isFinite();
      }
    }
    List<Slot> slots = fleet(3);
    slots.forEach(
        slot ->
            assertThat(new LeastRequestsPolicy().scoreOf(slot, demand(), 0))
                .isEqualTo((slot.ledger().inFlight() + 1) / slot.weight()));
  }

  @Test
  void thoseThatLeaveItToChanceSaySo() {
    List<Slot> slots = fleet(4);
    assertThat(Policies.of("random").outlook(slots, demand(), 0).undecided())
        .isEqualTo("chance decides, each of 4 alike");
    Outlook weighted = Policies.of("weighted").outlook(slots, demand(), 0);
    assertThat(weighted.undecided()).contains("weights");
    assertThat(weighted.notes()).hasSize(4).allMatch(n -> n.startsWith("taken with probability 0"));
    assertThat(Policies.of("power-of-two").outlook(slots, demand(), 0).undecided())
        .contains("two workers");
  }

  @Test
  void aSessionHasARankOnEachWorkerAndTakesTheFirstBelowItsBound() {
    List<Slot> slots = fleet(5);
    Demand demand = Demand.TYPICAL.with(Affinity.of("a conversation"));
    Outlook outlook = new SessionPolicy().outlook(slots, demand, 0);
    assertThat(outlook.best()).hasSize(1);
    assertThat(outlook.notes())
        .anyMatch(note -> note.startsWith("rank 1 of 5"))
        .anyMatch(note -> note.startsWith("rank 5 of 5"));
    assertThat(outlook.note(outlook.best().get(0))).contains("below its bound of");
    assertThat(new SessionPolicy().scoreOf(slots.get(0), demand, 0)).isNaN();
    assertThat(new SessionPolicy().scoreOf(slots.get(0), Demand.TYPICAL, 0)).isPositive();
  }

  @Test
  void aPolicyThatSaysNothingOfItselfIsSaidToSayNothing() {
    Policy silent =
        new Policy() {
          @Override
          public String name() {
            return "silent";
          }

          @Override
          public int choose(
              Scan scan, Demand demand, java.util.random.RandomGenerator random, long now) {
            return 0;
          }
        };
    assertThat(silent.outlook(fleet(2), Demand.TYPICAL, 0).undecided()).contains("silent");
    assertThat(silent.scoreOf(fleet(1).get(0), Demand.TYPICAL, 0)).isNaN();
  }
}

package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every policy that configuration can name must keep. */
final class EveryPolicyKeepsItsContractTest {
  private static final long SEED = 42;

  private record Slot(WorkerLedger ledger, ServiceRates rates, double weight)
      implements Candidate {}

  static List<String> names() {
    return Policies.names();
  }

  static Stream<String> thoseThatRespectWeights() {
    return names().stream().filter(n -> !n.equals("round-robin") && !n.equals("random"));
  }

  private static List<Slot> fleet(double... weights) {
    ModelMeans means = new ModelMeans();
    List<Slot> slots = new ArrayList<>();
    for (double weight : weights) {
      WorkerLedger ledger = new WorkerLedger("w" + slots.size(), 1_000_000, means, () -> 0);
      slots.add(new Slot(ledger, ledger.rates("m"), weight));
    }
    return slots;
  }

  private static Demand demand(Random random) {
    return new Demand(1 + random.nextInt(8_000), 1 + random.nextInt(2_000))
        .with(random.nextInt(4) == 0 ? Affinity.NONE : random.nextLong())
        .with(random.nextInt(4) == 0 ? null : Prompts.turn(random.nextInt(9), 3).prefix());
  }

  private static Picker picker(long seed) {
    return new Picker(new Random(seed), () -> 0);
  }

  /** Requests that all stay: how many each worker has in the end. */
  private static int[] held(List<Slot> slots, String name, int requests) {
    Policy policy = Policies.of(name);
    Picker picker = picker(SEED);
    for (int i = 0; i < requests; i++) {
      picker.pick(slots, s -> true, policy, conversation(i));
    }
    return slots.stream().mapToInt(s -> s.ledger().inFlight()).toArray();
  }

  private static Demand conversation(int i) {
    return Demand.TYPICAL.with(Affinity.of("session " + i)).with(Prompts.turn(i, 2).prefix());
  }

  @Test
  void theRegistryGivesEachNameItsPolicyAndRefusesOthers() {
    assertThat(names()).startsWith(Policies.DEFAULT).doesNotHaveDuplicates().hasSize(9);
    assertThat(names()).allSatisfy(name -> assertThat(Policies.of(name).name()).isEqualTo(name));
    assertThatThrownBy(() -> Policies.of("least-laod")).hasMessageContaining("'least-laod'");
  }

  @ParameterizedTest
  @MethodSource("names")
  void onlyEligibleWorkersWithRoomAreChosenAndCountersReturnToZero(String name) {
    Random random = new Random(SEED);
    for (int round = 0; round < 50; round++) {
      List<Slot> slots = new ArrayList<>();
      ModelMeans means = new ModelMeans();
      int workers = 1 + random.nextInt(40);
      for (int i = 0; i < workers; i++) {
        WorkerLedger ledger = new WorkerLedger("w" + i, 1 + random.nextInt(4), means, () -> 0);
        double weight = Math.pow(10, random.nextInt(13) - 6);
        slots.add(new Slot(ledger, ledger.rates("m"), weight));
      }
      Slot excluded = slots.get(random.nextInt(workers));
      Policy policy = Policies.of(name);
      Picker picker = picker(round);
      List<Lease<Slot>> leases = new ArrayList<>();
      while (true) {
        Lease<Slot> lease = picker.pick(slots, s -> s != excluded, policy, demand(random));
        if (lease == null) {
          break;
        }
        leases.add(lease);
      }
      assertThat(slots)
          .allSatisfy(
              s ->
                  assertThat(s.ledger().inFlight())
                      .isEqualTo(s == excluded ? 0 : s.ledger().capacity()));
      leases.forEach(lease -> lease.close(Ending.SUCCEEDED));
      assertThat(slots)
          .allSatisfy(
              s -> {
                assertThat(s.ledger().inFlight()).isZero();
                assertThat(s.ledger().awaiting()).isZero();
                assertThat(s.ledger().promptTokens()).isZero();
                assertThat(s.ledger().outputTokens()).isZero();
              });
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void equalWorkersThatAreIdleGetFairShares(String name) {
    List<Slot> slots = fleet(1, 1, 1, 1, 1, 1, 1, 1);
    Policy policy = Policies.of(name);
    Picker picker = picker(SEED);
    int[] shares = new int[slots.size()];
    int requests = 8_000;
    for (int i = 0; i < requests; i++) {
      Lease<Slot> lease = picker.pick(slots, s -> true, policy, conversation(i));
      shares[slots.indexOf(lease.worker())]++;
      lease.close(Ending.SUCCEEDED);
    }
    double expected = (double) requests / shares.length;
    double chiSquare = 0;
    for (int share : shares) {
      chiSquare += (share - expected) * (share - expected) / expected;
    }
    // 7 degrees of freedom: 24.3 is exceeded once in a thousand seeds.
    assertThat(chiSquare).as("seed %d", SEED).isLessThan(24.3);
  }

  @ParameterizedTest
  @MethodSource("thoseThatRespectWeights")
  void aWorkerOfWeightFourHoldsMoreThanOneOfWeightOne(String name) {
    int[] held = held(fleet(1, 1, 4, 4), name, 2_000);
    assertThat(Math.min(held[2], held[3])).as(name).isGreaterThan(Math.max(held[0], held[1]) * 2);
  }

  @Test
  void weightedHoldsExactlyTheSharesThatWereSet() {
    int[] held = held(fleet(1, 2, 5), "weighted", 40_000);
    assertThat(held[0] / 40_000.0).isCloseTo(0.125, within(0.01));
    assertThat(held[1] / 40_000.0).isCloseTo(0.25, within(0.01));
    assertThat(held[2] / 40_000.0).isCloseTo(0.625, within(0.01));
  }

  @ParameterizedTest
  @MethodSource("names")
  void theSameSeedGivesTheSamePicks(String name) {
    List<List<String>> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      List<Slot> slots = fleet(1, 2, 3, 1, 2, 3);
      Random random = new Random(SEED);
      Picker picker = picker(SEED);
      Policy policy = Policies.of(name);
      List<String> picks = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        picks.add(
            picker.pick(slots, s -> true, policy, demand(random)).worker().ledger().workerId());
      }
      runs.add(picks);
    }
    assertThat(runs.get(0)).isEqualTo(runs.get(1));
  }
}

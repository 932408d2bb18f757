package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Choosing and reserving are one step: bursts spread evenly, and nothing leaks. */
final class SelectAndReserveTest {
  private record Slot(WorkerLedger ledger, ServiceRates rates, double weight)
      implements Candidate {}

  private static List<Slot> fleet(int workers, int capacity) {
    ModelMeans means = new ModelMeans();
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      WorkerLedger ledger = new WorkerLedger("w" + i, capacity, means, System::nanoTime);
      slots.add(new Slot(ledger, ledger.rates("m"), 1));
    }
    return slots;
  }

  private static Picker picker(long seed) {
    return new Picker(new Random(seed), System::nanoTime);
  }

  private static Policy policy(String name) {
    return name.equals("least-load") ? new LeastLoadPolicy() : new LeastRequestsPolicy();
  }

  private static void inThreads(int count, Runnable body) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    for (int t = 0; t < count; t++) {
      Thread thread = new Thread(body);
      thread.setUncaughtExceptionHandler((at, failure) -> failures.add(failure));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"least-load", "least-requests"})
  void aBurstFromFourThreadsLeavesEqualWorkersWithinOneOfEachOther(String name)
      throws InterruptedException {
    List<Slot> slots = fleet(10, Integer.MAX_VALUE);
    List<Lease<Slot>> leases = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger seed = new AtomicInteger();
    inThreads(
        4,
        () -> {
          Picker picker = picker(seed.incrementAndGet());
          for (int i = 0; i < 250; i++) {
            leases.add(picker.pick(slots, s -> true, policy(name), Demand.TYPICAL));
          }
        });
    IntSummaryStatistics counts =
        slots.stream().mapToInt(s -> s.ledger().inFlight()).summaryStatistics();
    assertThat(counts.getSum()).isEqualTo(1000);
    assertThat(counts.getMax() - counts.getMin()).isLessThanOrEqualTo(1);
    leases.forEach(lease -> lease.close(Ending.SUCCEEDED));
    leases.forEach(lease -> lease.close(Ending.FAILED));
    assertThat(slots).allSatisfy(SelectAndReserveTest::isEmpty);
  }

  private static void isEmpty(Slot slot) {
    assertThat(slot.ledger().inFlight()).isZero();
    assertThat(slot.ledger().awaiting()).isZero();
    assertThat(slot.ledger().promptTokens()).isZero();
    assertThat(slot.ledger().outputTokens()).isZero();
  }

  @Test
  void countersAreZeroAfterAHundredThousandMixedEndingsAndNeverNegativeOnTheWay()
      throws InterruptedException {
    List<Slot> slots = fleet(8, 40);
    AtomicInteger seeds = new AtomicInteger(11);
    inThreads(
        4,
        () -> {
          long seed = seeds.incrementAndGet();
          Random random = new Random(seed);
          Picker picker = picker(seed);
          Policy policy = new LeastLoadPolicy();
          List<Lease<Slot>> open = new ArrayList<>();
          for (int i = 0; i < 25_000; i++) {
            Demand demand = new Demand(1 + random.nextInt(4000), 1 + random.nextInt(500));
            Lease<Slot> lease = picker.pick(slots, s -> true, policy, demand);
            if (lease != null) {
              open.add(lease);
            }
            if (!open.isEmpty() && (lease == null || random.nextInt(3) == 0)) {
              end(open.remove(random.nextInt(open.size())), random);
            }
            Slot slot = slots.get(random.nextInt(slots.size()));
            if (slot.ledger().inFlight() < 0
                || slot.ledger().inFlight() > 40
                || slot.ledger().awaiting() < 0
                || slot.ledger().promptTokens() < 0) {
              throw new AssertionError("seed " + seed + ": a ledger is out of bounds");
            }
          }
          open.forEach(lease -> end(lease, random));
        });
    assertThat(slots).allSatisfy(SelectAndReserveTest::isEmpty);
  }

  private static void end(Lease<Slot> lease, Random random) {
    long now = System.nanoTime();
    switch (random.nextInt(5)) {
      case 0 -> lease.close(Ending.IGNORED);
      case 1 -> lease.close(Ending.FAILED);
      case 2 -> {
        lease.tokens(1, now);
        lease.close(Ending.IGNORED);
      }
      case 3 -> {
        lease.presumePrefilled(Long.MAX_VALUE / 2);
        lease.close(Ending.SUCCEEDED);
      }
      default -> {
        for (int i = 0; i < 20; i++) {
          lease.tokens(1 + random.nextInt(40), now + i);
        }
        lease.close(Ending.SUCCEEDED);
        lease.close(Ending.SUCCEEDED);
        lease.tokens(5, now);
      }
    }
  }

  @Test
  void aFullWorkerIsNeverChosenAndAFullFleetGivesNone() {
    List<Slot> slots = fleet(2, 3);
    Picker picker = picker(1);
    for (int i = 0; i < 6; i++) {
      assertThat(picker.pick(slots, s -> true, new LeastLoadPolicy(), Demand.TYPICAL)).isNotNull();
    }
    assertThat(picker.pick(slots, s -> true, new LeastLoadPolicy(), Demand.TYPICAL)).isNull();
    assertThat(slots).allSatisfy(s -> assertThat(s.ledger().inFlight()).isEqualTo(3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"least-load", "least-requests"})
  void tiesAreBrokenAtRandomSoThatAnIdleFleetIsNotAlwaysEnteredByTheFirst(String name) {
    List<Slot> slots = fleet(4, 8);
    Picker picker = picker(5);
    Integer[] first = {0, 0, 0, 0};
    for (int i = 0; i < 4000; i++) {
      Lease<Slot> lease = picker.pick(slots, s -> true, policy(name), Demand.TYPICAL);
      assertThat(lease).isNotNull();
      first[slots.indexOf(lease.worker())]++;
      lease.close(Ending.IGNORED);
    }
    assertThat(first).allSatisfy(n -> assertThat(n).isBetween(800, 1200));
  }
}

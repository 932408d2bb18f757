package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Choosing and reserving are one step: bursts spread evenly, and nothing leaks. */
final class SelectAndReserveTest {
  private record Slot(WorkerLedger ledger) implements Candidate {}

  private static final RandomGenerator ANY_THREAD = () -> ThreadLocalRandom.current().nextLong();

  private static List<Slot> fleet(int workers, int capacity) {
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      slots.add(new Slot(new WorkerLedger("w" + i, capacity, 1)));
    }
    return slots;
  }

  @Test
  void aBurstFromFourThreadsLeavesEqualWorkersWithinOneOfEachOther() throws InterruptedException {
    List<Slot> slots = fleet(10, Integer.MAX_VALUE);
    LeastLoadPicker picker = new LeastLoadPicker(ANY_THREAD);
    List<Lease<Slot>> leases = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 250; i++) {
                  leases.add(picker.pick(slots, s -> true));
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    IntSummaryStatistics counts =
        slots.stream().mapToInt(s -> s.ledger().inFlight()).summaryStatistics();
    assertThat(counts.getSum()).isEqualTo(1000);
    assertThat(counts.getMax() - counts.getMin()).isLessThanOrEqualTo(1);
    leases.forEach(Lease::close);
    leases.forEach(Lease::close);
    assertThat(slots).allSatisfy(s -> assertThat(s.ledger().inFlight()).isZero());
  }

  @Test
  void aFullWorkerIsNeverChosenAndAFullFleetGivesNone() {
    List<Slot> slots = fleet(2, 3);
    LeastLoadPicker picker = new LeastLoadPicker(ANY_THREAD);
    for (int i = 0; i < 6; i++) {
      assertThat(picker.pick(slots, s -> true)).isNotNull();
    }
    assertThat(picker.pick(slots, s -> true)).isNull();
    assertThat(slots).allSatisfy(s -> assertThat(s.ledger().inFlight()).isEqualTo(3));
  }

  @Test
  void tiesAreBrokenAtRandomSoThatAnIdleFleetIsNotAlwaysEnteredByTheFirst() {
    List<Slot> slots = fleet(4, 8);
    LeastLoadPicker picker = new LeastLoadPicker(ANY_THREAD);
    int[] first = new int[4];
    for (int i = 0; i < 4000; i++) {
      Lease<Slot> lease = picker.pick(slots, s -> true);
      assertThat(lease).isNotNull();
      first[slots.indexOf(lease.worker())]++;
      lease.close();
    }
    assertThat(java.util.Arrays.stream(first).boxed().toList())
        .allSatisfy(n -> assertThat(n).isBetween(800, 1200));
  }
}

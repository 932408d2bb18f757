package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Choosing makes no garbage, whatever the policy and however many workers there are. */
final class AChoiceAllocatesTheLeaseAloneTest {
  private static final int CHOICES = 5_000;
  private static final int BYTES_OF_A_LEASE = 96;

  private record Slot(WorkerLedger ledger, ServiceRates rates, double weight)
      implements Candidate {}

  static List<String> names() {
    return Policies.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void overAHundredWorkers(String name) {
    ModelMeans means = new ModelMeans();
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      WorkerLedger ledger = new WorkerLedger("w" + i, 1_000, means, System::nanoTime);
      slots.add(new Slot(ledger, ledger.rates("m"), 1 + i % 3));
    }
    Demand demand = Demand.TYPICAL.with(Affinity.of("session")).with(Prompts.turn(1, 40).prefix());
    Policy policy = Policies.of(name);
    Picker picker = new Picker(new Random(1), System::nanoTime);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    choose(picker, slots, policy, demand);
    double least = Double.POSITIVE_INFINITY;
    // What the virtual machine allocates on this thread now and then is not the choice's: it is not
    // in every round, and what a choice allocates is.
    for (int round = 0; round < 5; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      choose(picker, slots, policy, demand);
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      least = Math.min(least, (double) bytes / CHOICES);
    }
    assertThat(least).as(name).isLessThanOrEqualTo(BYTES_OF_A_LEASE);
  }

  private static void choose(Picker picker, List<Slot> slots, Policy policy, Demand demand) {
    for (int i = 0; i < CHOICES; i++) {
      picker.pick(slots, s -> true, policy, demand).close(Ending.IGNORED);
    }
  }
}

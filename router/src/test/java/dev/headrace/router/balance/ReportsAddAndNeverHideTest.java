package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.headrace.worker.load.WorkerLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Engines' reports are blended rightly: a stale gauge never hides work that the ledger knows, a
 * growing engine queue never stays unseen, and what is old fades.
 */
final class ReportsAddAndNeverHideTest {
  private static final Demand DEMAND = new Demand(1_000, 200);
  private static final int UNKNOWN = WorkerLoad.UNKNOWN;

  private record Slot(WorkerLedger ledger, ServiceRates rates, double weight)
      implements Candidate {}

  private final ModelMeans means = new ModelMeans();
  private final LeastLoadPolicy policy = new LeastLoadPolicy();
  private long nanos = 77_000_000_000L;
  private final Picker picker = new Picker(new Random(3), () -> nanos);

  private Slot slot(String id) {
    WorkerLedger ledger = new WorkerLedger(id, Integer.MAX_VALUE, means, () -> nanos);
    return new Slot(ledger, ledger.rates("m"), 1);
  }

  private void pass(double seconds) {
    nanos += (long) (seconds * 1e9);
  }

  private Lease<Slot> on(Slot slot, double prompt) {
    return picker.pick(List.of(slot), s -> true, policy, new Demand(prompt, 100));
  }

  private void report(Slot slot, int running, int waiting, double kv) {
    report(slot, WorkerLoad.of(nanos, running, waiting, kv));
  }

  private static void report(Slot slot, WorkerLoad load) {
    slot.ledger().reported(load, slot.ledger().account());
  }

  private double score(Slot slot) {
    return policy.score(slot, DEMAND, nanos);
  }

  private double ttft(Slot slot) {
    return LeastLoadPolicy.parts(slot, DEMAND, nanos).ttft();
  }

  private EngineGauges.View view(Slot slot) {
    return slot.ledger().gauges(nanos);
  }

  @Test
  void whateverAnEngineReportsAWorkerNeverLooksLessLoadedThanItsLedgerSays() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Slot reported = slot("w");
      Slot silent = slot("w");
      List<Lease<Slot>> open = new ArrayList<>();
      List<Lease<Slot>> twins = new ArrayList<>();
      EngineGauges.Account asked = reported.ledger().account();
      for (int step = 0; step < 60; step++) {
        pass(random.nextDouble() * (random.nextInt(10) == 0 ? 10 : 0.3));
        switch (random.nextInt(5)) {
          case 0, 1 -> {
            double prompt = 1 + random.nextInt(8_000);
            open.add(on(reported, prompt));
            twins.add(on(silent, prompt));
          }
          case 2 -> {
            if (!open.isEmpty()) {
              int which = random.nextInt(open.size());
              open.remove(which).close(Ending.IGNORED);
              twins.remove(which).close(Ending.IGNORED);
            }
          }
          case 3 -> asked = reported.ledger().account();
          default ->
              reported
                  .ledger()
                  .reported(
                      new WorkerLoad(
                          nanos - (random.nextBoolean() ? 0 : (long) (random.nextDouble() * 9e9)),
                          random.nextInt(50) - 1,
                          random.nextInt(50) - 1,
                          random.nextInt(4) == 0 ? Double.NaN : random.nextDouble(),
                          UNKNOWN,
                          random.nextInt(3) == 0 ? random.nextInt(90_000) : UNKNOWN,
                          random.nextInt(3) == 0 ? random.nextInt(90_000) : UNKNOWN),
                      asked);
        }
        if (random.nextInt(3) == 0) {
          reported.ledger().fade(nanos);
        }
        ScoreParts with = LeastLoadPolicy.parts(reported, DEMAND, nanos);
        ScoreParts without = LeastLoadPolicy.parts(silent, DEMAND, nanos);
        String at = "seed " + seed + ", round " + round + ", step " + step;
        assertThat(with.ttft()).as(at).isGreaterThanOrEqualTo(without.ttft() - 1e-12);
        assertThat(with.pressure()).as(at).isGreaterThanOrEqualTo(without.pressure() - 1e-12);
        assertThat(with.kv()).as(at).isNotNegative().isFinite();
        assertThat(with.score()).as(at).isGreaterThanOrEqualTo(without.score() - 1e-12);
        assertThat(with.score()).as(at).isEqualTo(score(reported));
      }
    }
  }

  @Test
  void aGrowingQueueOfOthersIsSeenInFullAtEachReportWhateverWeHaveThere() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      Slot slot = slot("w");
      Slot silent = slot("w");
      int running = random.nextInt(20);
      int ours = random.nextInt(8);
      for (int i = 0; i < ours; i++) {
        int prompt = 1 + random.nextInt(4_000);
        on(slot, prompt);
        on(silent, prompt);
      }
      int others = 0;
      double before = 0;
      for (int report = 0; report < 10; report++) {
        pass(1);
        others += 1 + random.nextInt(5);
        // All of ours wait behind theirs: none of ours is among the running ones.
        report(slot, running, others + ours, Double.NaN);
        String at = "seed " + seed + ", round " + round + ", report " + report;
        assertThat(view(slot).foreignWaiting()).as(at).isEqualTo(others);
        assertThat(view(slot).foreign()).as(at).isGreaterThanOrEqualTo(others);
        double added = ttft(slot) - ttft(silent);
        assertThat(added).as(at).isGreaterThan(before);
        before = added;
      }
    }
  }

  @Test
  void whoWaitsInTheEngineHasItsPrefillStillToDo() {
    Slot slot = slot("w");
    double alone = ttft(slot);
    report(slot, 8, 0, Double.NaN);
    assertThat(ttft(slot)).isEqualTo(alone);
    report(slot, 8, 5, Double.NaN);
    double each = slot.rates().prefillIntercept() + slot.rates().prefillSlope() * 256;
    assertThat(ttft(slot)).isCloseTo(alone + 5 * each, within(1e-9));
  }

  @Test
  void anEngineThatTellsHowManyPromptTokensWaitIsTakenAtItsWord() {
    Slot slot = slot("w");
    double alone = ttft(slot);
    report(slot, new WorkerLoad(nanos, 8, 2, Double.NaN, UNKNOWN, 9_000));
    assertThat(ttft(slot))
        .isCloseTo(
            alone + 2 * slot.rates().prefillIntercept() + 9_000 * slot.rates().prefillSlope(),
            within(1e-9));
  }

  @Test
  void aQueueThatDrainsIsForgottenByHalfASecondAndNotAtOnce() {
    Slot slot = slot("w");
    report(slot, 4, 8, Double.NaN);
    pass(1);
    report(slot, 4, 0, Double.NaN);
    assertThat(view(slot).foreignWaiting()).isCloseTo(4, within(1e-9));
    pass(1);
    report(slot, 4, 0, Double.NaN);
    assertThat(view(slot).foreignWaiting()).isCloseTo(2, within(1e-9));
  }

  @Test
  void inSteadyLoadThereIsNoDriftHoweverLateTheReportComes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Slot slot = slot("w");
    List<Lease<Slot>> open = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      open.add(on(slot, 100));
    }
    for (int round = 0; round < 300; round++) {
      EngineGauges.Account asked = slot.ledger().account();
      boolean grows = random.nextBoolean();
      int atEngine = -1;
      int changes = random.nextInt(12);
      int readAfter = random.nextInt(changes + 1);
      for (int i = 0; i <= changes; i++) {
        if (i == readAfter) {
          atEngine = slot.ledger().inFlight();
        }
        pass(0.02);
        if (grows) {
          open.add(on(slot, 100));
        } else if (open.size() > 20) {
          open.remove(random.nextInt(open.size())).close(Ending.IGNORED);
        }
      }
      slot.ledger().reported(WorkerLoad.of(nanos, atEngine, 0, Double.NaN), asked);
      assertThat(view(slot).drift()).as("seed %d, round %d", seed, round).isZero();
      assertThat(view(slot).foreign()).isZero();
    }
  }

  @Test
  void driftHasTheSignOfWhatTheEngineHasBeyondOurOwn() {
    Slot slot = slot("w");
    assertThat(view(slot).drift()).isNaN();
    assertThat(view(slot).ageSeconds()).isNaN();
    for (int i = 0; i < 5; i++) {
      on(slot, 100);
    }
    report(slot, 6, 2, Double.NaN);
    assertThat(view(slot).drift()).isEqualTo(3);
    report(slot, 1, 0, Double.NaN);
    assertThat(view(slot).drift()).isEqualTo(-4);
    // A part that does not tell how many run leaves it.
    report(slot, UNKNOWN, 9, 0.5);
    assertThat(view(slot).drift()).isEqualTo(-4);
    pass(0.5);
    assertThat(view(slot).ageSeconds()).isCloseTo(0.5, within(1e-6));
  }

  @Test
  void aFullCacheCostsMoreThanAnEmptyOneAndConvexly() {
    Slot slot = slot("w");
    double[] cost = new double[11];
    for (int i = 0; i <= 10; i++) {
      report(slot, 0, 0, i / 10.0);
      cost[i] = LeastLoadPolicy.parts(slot, DEMAND, nanos).kv();
    }
    assertThat(cost[0]).isZero();
    assertThat(cost[5]).isCloseTo(0.15, within(1e-9));
    assertThat(cost[9]).isCloseTo(1.35, within(1e-9));
    assertThat(cost[10]).isCloseTo(0.15 * 999, within(1e-6));
    for (int i = 1; i < 10; i++) {
      assertThat(cost[i + 1] - cost[i]).isGreaterThan(cost[i] - cost[i - 1]);
    }
    Slot roomy = slot("roomy");
    report(roomy, 0, 0, 0.2);
    report(slot, 0, 0, 0.95);
    for (int i = 0; i < 20; i++) {
      Lease<Slot> lease = picker.pick(List.of(slot, roomy), s -> true, policy, DEMAND);
      assertThat(lease.worker()).isSameAs(roomy);
      lease.close(Ending.IGNORED);
    }
  }

  @Test
  void betweenReportsTheCacheFillsWithWhatIsSentWhereItsSizeIsKnown() {
    Slot known = slot("known");
    Slot unknown = slot("unknown");
    report(known, WorkerLoad.of(nanos, 0, 0, 0.5).withKvTokens(10_000));
    report(unknown, 0, 0, 0.5);
    on(known, 4_000);
    on(unknown, 4_000);
    assertThat(view(known).kvUsage()).isCloseTo(0.9, within(1e-9));
    assertThat(view(unknown).kvUsage()).isEqualTo(0.5);
    assertThat(LeastLoadPolicy.parts(known, DEMAND, nanos).kv()).isCloseTo(1.35, within(1e-9));
    EngineGauges.Account asked = known.ledger().account();
    on(known, 1_000);
    // What was sent while the question was under way may not be in the answer.
    known.ledger().reported(WorkerLoad.of(nanos, 1, 0, 0.8).withKvTokens(10_000), asked);
    assertThat(view(known).kvUsage()).isCloseTo(0.9, within(1e-9));
    report(known, WorkerLoad.of(nanos, 1, 0, 0.85).withKvTokens(10_000));
    assertThat(view(known).kvUsage()).isCloseTo(0.85, within(1e-9));
  }

  @Test
  void anEngineThatTellsNoCacheHasNoSuchTerm() {
    Slot slot = slot("w");
    report(slot, 3, 4, Double.NaN);
    on(slot, 50_000);
    assertThat(LeastLoadPolicy.parts(slot, DEMAND, nanos).kv()).isZero();
    assertThat(view(slot).kvUsage()).isNaN();
  }

  @Test
  void reportsFadeToNothingAfterThreeIntervalsAndNeverBelow() {
    Slot slot = slot("w");
    Slot idle = slot("idle");
    report(slot, 10, 10, 0.9);
    double last = score(slot);
    double fresh = last;
    for (int i = 0; i < 80; i++) {
      pass(0.1);
      slot.ledger().fade(nanos);
      double now = score(slot);
      assertThat(now).isLessThanOrEqualTo(last);
      if (i < 29) {
        assertThat(now).isEqualTo(fresh);
      }
      last = now;
    }
    assertThat(last).isEqualTo(score(idle));
    assertThat(view(slot).foreign()).isZero();
    assertThat(LeastLoadPolicy.parts(slot, DEMAND, nanos).kv()).isZero();
  }

  @Test
  void aPartOfAReportKeepsTheRestOnlyAsLongAsThatIsFresh() {
    Slot slot = slot("w");
    report(slot, 10, 0, 0.2);
    assertThat(view(slot).foreign()).isEqualTo(10);
    pass(1);
    report(slot, UNKNOWN, 4, 0.6);
    assertThat(view(slot).foreign()).isEqualTo(14);
    assertThat(view(slot).kvUsage()).isEqualTo(0.6);
    for (int i = 0; i < 6; i++) {
      pass(1);
      report(slot, UNKNOWN, 4, 0.6);
    }
    assertThat(view(slot).foreign()).isCloseTo(4, within(1e-9));
  }
}

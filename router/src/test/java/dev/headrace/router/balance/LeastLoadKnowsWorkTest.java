package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Least load counts work in seconds, over each worker's own learned speed. */
final class LeastLoadKnowsWorkTest {
  private record Slot(WorkerLedger ledger, ServiceRates rates, double weight)
      implements Candidate {}

  private final ModelMeans means = new ModelMeans();
  private final Policy policy = new LeastLoadPolicy();
  private long nanos = 1_000_000_000L;
  private final Picker picker = new Picker(new Random(3), () -> nanos);

  private Slot slot(String id, double weight) {
    WorkerLedger ledger = new WorkerLedger(id, Integer.MAX_VALUE, means, () -> nanos);
    return new Slot(ledger, ledger.rates("m"), weight);
  }

  private void pass(double seconds) {
    nanos += (long) (seconds * 1e9);
  }

  private Lease<Slot> on(Slot slot, double prompt) {
    return picker.pick(List.of(slot), s -> true, policy, new Demand(prompt, 100));
  }

  private Slot choice(double prompt, Slot... slots) {
    Lease<Slot> lease = picker.pick(List.of(slots), s -> true, policy, new Demand(prompt, 100));
    lease.close(Ending.IGNORED);
    return lease.worker();
  }

  /** Serves requests one after the other at a speed, as a worker would. */
  private void serve(Slot slot, int requests, double tokensPerSecond) {
    Random random = new Random(7);
    for (int i = 0; i < requests; i++) {
      double prompt = 100 + random.nextInt(3000);
      Lease<Slot> lease = on(slot, prompt);
      pass(0.02 + prompt / tokensPerSecond);
      lease.tokens(1, nanos);
      pass(0.5);
      lease.close(Ending.SUCCEEDED);
      pass(1);
    }
  }

  @Test
  void aLongPromptThatStillHasToBePrefilledCountsMoreThanManyThatDecode() {
    Slot prefilling = slot("prefilling", 1);
    Slot decoding = slot("decoding", 1);
    on(prefilling, 20_000);
    for (int i = 0; i < 6; i++) {
      Lease<Slot> lease = on(decoding, 500);
      pass(0.05);
      lease.tokens(1, nanos);
    }
    assertThat(choice(500, prefilling, decoding)).isSameAs(decoding);
  }

  @Test
  void theSpeedOfAWorkerIsLearnedFromItsOwnFirstTokens() {
    Slot slow = slot("slow", 1);
    Slot fast = slot("fast", 1);
    serve(slow, 60, 2_000);
    serve(fast, 60, 8_000);
    assertThat(slow.rates().prefillSlope()).isCloseTo(1 / 2_000.0, within(0.000_03));
    assertThat(fast.rates().prefillSlope()).isCloseTo(1 / 8_000.0, within(0.000_01));
    assertThat(fast.rates().prefillIntercept()).isCloseTo(0.02, within(0.01));
    on(fast, 2_000);
    assertThat(choice(2_000, slow, fast)).isSameAs(fast);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void speedsThatDifferByNoiseLeaveABurstWithinOneOfEachOther(long seed) {
    Random noise = new Random(seed);
    Slot[] slots = new Slot[10];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = slot("w" + i, 1);
    }
    for (int i = 0; i < 600; i++) {
      int prompt = 50 + noise.nextInt(2_000);
      Lease<Slot> lease = on(slots[noise.nextInt(slots.length)], prompt);
      pass((0.02 + 0.000_1 * prompt) * Math.exp(0.4 * noise.nextGaussian()));
      lease.tokens(1, nanos);
      lease.close(Ending.SUCCEEDED);
    }
    for (int i = 0; i < 1_000; i++) {
      on(choice(20, slots), 20);
    }
    IntSummaryStatistics held =
        Stream.of(slots).mapToInt(one -> one.ledger().inFlight()).summaryStatistics();
    assertThat(held.getMax() - held.getMin()).as(held.toString()).isLessThanOrEqualTo(1);
  }

  @Test
  void aWorkerThatIsTwiceAsSlowIsFoundAmongNoise() {
    Random noise = new Random(3);
    Slot[] slots = new Slot[8];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = slot("w" + i, 1);
    }
    for (int i = 0; i < 800; i++) {
      int at = i % slots.length;
      int prompt = 50 + noise.nextInt(2_000);
      Lease<Slot> lease = on(slots[at], prompt);
      double seconds = (0.02 + 0.000_1 * prompt) * Math.exp(0.3 * noise.nextGaussian());
      pass(at == 0 ? 2 * seconds : seconds);
      lease.tokens(1, nanos);
      lease.close(Ending.SUCCEEDED);
    }
    assertThat(slots[0].rates().own()).isTrue();
    assertThat(Stream.of(slots).skip(1)).noneMatch(one -> one.rates().own());
    assertThat(slots[0].rates().prefillSlope()).isCloseTo(0.000_2, within(0.000_05));
  }

  @Test
  void aWorkerThatOthersUseTooIsJudgedByItsOwnSpeed() {
    Slot slot = slot("a", 1);
    Slot peer = slot("b", 1);
    serve(slot, 20, 8_000);
    serve(peer, 20, 7_500);
    assertThat(slot.rates().own()).isFalse();
    assertThat(slot.rates().prefillSlope()).isEqualTo(peer.rates().prefillSlope());
    for (int i = 0; i < 8; i++) {
      slot.ledger().reported(4);
    }
    assertThat(slot.rates().own()).isTrue();
    for (int i = 0; i < 8; i++) {
      slot.ledger().reported(0);
    }
    assertThat(slot.rates().own()).isFalse();
  }

  @Test
  void anIdleWorkerIsTakenBeforeABusyOneOfAboutItsSpeed() {
    Slot busy = slot("busy", 1);
    Slot idle = slot("idle", 1);
    serve(busy, 60, 8_000);
    serve(idle, 60, 6_000);
    Lease<Slot> open = on(busy, 300);
    pass(0.2);
    open.tokens(1, nanos);
    for (int i = 0; i < 20; i++) {
      assertThat(choice(300, busy, idle)).isSameAs(idle);
    }
  }

  @Test
  void anIdleWorkerThatIsMuchSlowerIsLeftIdle() {
    Slot busy = slot("busy", 1);
    Slot idle = slot("idle", 1);
    serve(busy, 60, 20_000);
    serve(idle, 60, 1_000);
    Lease<Slot> open = on(busy, 300);
    pass(0.2);
    open.tokens(1, nanos);
    assertThat(choice(3_000, busy, idle)).isSameAs(busy);
  }

  @Test
  void aWorkerThatOnceLookedSlowIsTriedAgainAfterARest() {
    Slot good = slot("good", 1);
    Slot slowOnce = slot("slow once", 1);
    serve(good, 60, 8_000);
    serve(slowOnce, 5, 1_000);
    serve(good, 60, 8_000);
    assertThat(choice(1_000, good, slowOnce)).isSameAs(good);
    for (int check = 0; check < 60; check++) {
      pass(2);
      slowOnce.ledger().rest(nanos);
    }
    assertThat(drawn(1_000, good, slowOnce)).contains(slowOnce);
  }

  @Test
  void differencesThatAreNoMoreThanChanceDoNotCount() {
    Slot a = slot("a", 1);
    Slot b = slot("b", 1);
    Random random = new Random(11);
    for (int i = 0; i < 40; i++) {
      for (Slot slot : List.of(a, b)) {
        Lease<Slot> lease = on(slot, 200);
        pass(0.02 - 0.3 * Math.log(random.nextDouble()));
        lease.tokens(1, nanos);
        lease.close(Ending.SUCCEEDED);
        pass(1);
      }
    }
    Lease<Slot> open = on(a, 200);
    pass(0.3);
    open.tokens(1, nanos);
    assertThat(drawn(200, a, b)).containsExactly(b);
  }

  @Test
  void whatWasLearnedOfAWorkerThatServesOthersStays() {
    Slot shared = slot("shared", 1);
    serve(slot("good", 1), 60, 8_000);
    serve(shared, 60, 1_000);
    double slope = shared.rates().prefillSlope();
    shared.ledger().reported(10);
    pass(300);
    shared.ledger().rest(nanos);
    assertThat(shared.rates().prefillSlope()).isEqualTo(slope);
  }

  @Test
  void aRestartedWorkerBeginsAsAnAverageOne() {
    Slot restarted = slot("restarted", 1);
    serve(restarted, 60, 500);
    serve(slot("good", 1), 200, 8_000);
    restarted.ledger().recovered();
    assertThat(restarted.rates().prefillSlope()).isLessThan(1 / 2_000.0);
  }

  @Test
  void amongIdleWorkersOfAboutTheSameSpeedChanceDecides() {
    Slot a = slot("a", 1);
    Slot b = slot("b", 1);
    Slot slow = slot("slow", 1);
    serve(slow, 60, 1_000);
    serve(a, 60, 8_000);
    serve(b, 60, 7_500);
    assertThat(drawn(1_000, a, b, slow)).containsExactlyInAnyOrder(a, b);
  }

  private Set<Slot> drawn(double prompt, Slot... slots) {
    Set<Slot> drawn = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      drawn.add(choice(prompt, slots));
    }
    return drawn;
  }

  @Test
  void aNewWorkerBeginsAsAnAverageOne() {
    serve(slot("a", 1), 200, 1_000);
    Slot fresh = slot("fresh", 1);
    assertThat(fresh.rates().prefillSlope()).isGreaterThan(0.000_7);
  }

  @Test
  void aWorkerThatFailsFastLooksLoadedAndComesBackAfterAWhile() {
    Slot failing = slot("failing", 1);
    Slot good = slot("good", 1);
    on(failing, 100).close(Ending.FAILED);
    for (int i = 0; i < 20; i++) {
      on(good, 100);
    }
    assertThat(choice(100, failing, good)).isSameAs(good);
    pass(120);
    assertThat(choice(100, failing, good)).isSameAs(failing);
  }

  @Test
  void aSuccessClearsWhatFailuresCharged() {
    Slot slot = slot("a", 1);
    on(slot, 100).close(Ending.FAILED);
    assertThat(slot.ledger().charge(nanos)).isGreaterThan(4);
    on(slot, 100).close(Ending.SUCCEEDED);
    assertThat(slot.ledger().charge(nanos)).isZero();
    assertThat(slot.ledger().failuresInARow()).isZero();
  }

  @Test
  void aWorkerThatWasDownAndIsHealthyAgainOwesNothing() {
    Slot slot = slot("a", 1);
    for (int i = 0; i < 4; i++) {
      on(slot, 100).close(Ending.FAILED);
    }
    slot.ledger().recovered();
    assertThat(slot.ledger().charge(nanos)).isZero();
    assertThat(slot.ledger().failuresInARow()).isZero();
  }

  @Test
  void workOfOtherClientsIsSeenInTheEnginesReportAndOwnWorkIsNeverHiddenByIt() {
    Slot shared = slot("shared", 1);
    Slot own = slot("own", 1);
    for (int i = 0; i < 5; i++) {
      shared.ledger().reported(40);
    }
    assertThat(shared.ledger().foreign()).isGreaterThan(35);
    assertThat(choice(100, shared, own)).isSameAs(own);
    for (int i = 0; i < 30; i++) {
      on(own, 100);
    }
    own.ledger().reported(0);
    assertThat(own.ledger().foreign()).isZero();
    assertThat(own.ledger().inFlight()).isEqualTo(30);
    assertThat(choice(100, shared, own)).isSameAs(shared);
  }

  @Test
  void aHeavierWeightTakesMore() {
    Slot light = slot("light", 1);
    Slot heavy = slot("heavy", 3);
    int heavier = 0;
    for (int i = 0; i < 400; i++) {
      Lease<Slot> lease =
          picker.pick(List.of(light, heavy), s -> true, policy, new Demand(500, 100));
      heavier += lease.worker() == heavy ? 1 : 0;
    }
    assertThat(heavier).isBetween(270, 330);
  }

  @Test
  void promptTokensAndOutputsAreLearnedFromUsage() {
    RequestBook book = new RequestBook();
    assertThat(book.expect("m", 4_000, -1).promptTokens()).isCloseTo(1_000, within(1.0));
    for (int i = 0; i < 50; i++) {
      book.learn("m", 3_000, 1_500, 40);
    }
    assertThat(book.expect("m", 4_000, -1).promptTokens()).isCloseTo(2_000, within(60.0));
    assertThat(book.expect("m", 4_000, -1).outputTokens()).isBetween(40.0, 60.0);
    assertThat(book.expect("m", 4_000, 8).outputTokens()).isEqualTo(8);
    assertThat(book.expect("other", 4_000, -1).promptTokens()).isCloseTo(1_000, within(1.0));
    book.learn("m", 0, -1, -1);
  }
}

package dev.headrace.router.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The life of one outlier, step by step. */
final class AnOutlierIsEjectedAndComesBackTest {
  private final OutlierRig rig = new OutlierRig(OutlierRig.SETTINGS, 4, 1);
  private final Outlier sick = rig.of(0);

  @Test
  void failuresInARowEjectAndASuccessBetweenThemDoesNot() {
    rig.fail(0);
    rig.fail(0);
    rig.on(0).close(Ending.SUCCEEDED);
    rig.fail(0);
    rig.fail(0);
    assertThat(sick.admits()).isTrue();
    assertThat(sick.barrier()).isNull();
    rig.fail(0);
    assertThat(sick.admits()).isFalse();
    assertThat(sick.barrier())
        .matches("ejected until 1970-01-01T00:00:\\d\\dZ: 3 failures in a row");
    assertThat(rig.on(0)).isNull();
    assertThat(rig.events).containsExactly("ejected w0 failures 1");
    assertThat(rig.pool.ejected()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Ending.class,
      names = {"IGNORED", "REFUSED"})
  void whatIsNoFaultOfTheWorkersNeverEjects(Ending ending) {
    for (int i = 0; i < 100; i++) {
      rig.on(0).close(ending);
    }
    assertThat(sick.admits()).isTrue();
    assertThat(rig.events).isEmpty();
  }

  @Test
  void aFullWorkerIsAskedLaterButNotTakenForAFailingOne() {
    Lease<OutlierRig.Member> lease = rig.on(0);
    lease.close(Ending.REFUSED);
    WorkerLedger ledger = rig.members.get(0).ledger;
    assertThat(ledger.charge(rig.now)).isCloseTo(1, within(1e-9));
    assertThat(ledger.failuresInARow()).isZero();
    rig.on(0).close(Ending.REFUSED);
    assertThat(ledger.charge(rig.now)).isCloseTo(2, within(1e-9));
    rig.on(0).close(Ending.SUCCEEDED);
    assertThat(ledger.charge(rig.now)).isZero();
  }

  @Test
  void aSuccessThatWasSentBeforeTheFailuresDoesNotHideThem() {
    List<Lease<OutlierRig.Member>> streams = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      streams.add(rig.on(0));
    }
    for (int i = 0; i < 3; i++) {
      rig.pass(0.1);
      rig.fail(0);
      streams.get(i).close(Ending.SUCCEEDED);
    }
    assertThat(sick.admits()).isFalse();
  }

  @Test
  void whatWasSentBeforeAReturnDoesNotEjectAgain() {
    List<Lease<OutlierRig.Member>> stuck = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      stuck.add(rig.on(0));
    }
    rig.eject(0);
    rig.pass(12);
    rig.on(0).close(Ending.SUCCEEDED);
    rig.pass(1);
    stuck.forEach(lease -> lease.close(Ending.FAILED));
    assertThat(sick.admits()).isTrue();
    assertThat(rig.events).doesNotContain("ejected w0 failures 2");
  }

  @Test
  void theTrialIsOneRequestAtATimeAndDecides() {
    rig.eject(0);
    rig.pass(8.9);
    assertThat(sick.admits()).isFalse();
    rig.pass(2.2);
    assertThat(sick.view().state()).isEqualTo("trial");
    Lease<OutlierRig.Member> trial = rig.on(0);
    assertThat(trial).isNotNull();
    assertThat(rig.on(0)).isNull();
    assertThat(sick.barrier()).isEqualTo("ejected, a trial request is under way");
    trial.close(Ending.SUCCEEDED);
    assertThat(rig.on(0)).isNotNull();
    assertThat(rig.on(0)).isNotNull();
    assertThat(rig.events)
        .containsExactly("ejected w0 failures 1", "tried w0 passed", "returned w0");
  }

  @ParameterizedTest
  @EnumSource(
      value = Ending.class,
      names = {"IGNORED", "REFUSED"})
  void aTrialWithoutAVerdictGivesItsSlotToAnother(Ending ending) {
    rig.eject(0);
    rig.pass(12);
    for (int i = 0; i < 5; i++) {
      Lease<OutlierRig.Member> trial = rig.on(0);
      assertThat(rig.on(0)).isNull();
      trial.close(ending);
      trial.close(Ending.SUCCEEDED);
      assertThat(sick.view().state()).isEqualTo("trial");
    }
    assertThat(rig.on(0)).isNotNull();
    assertThat(rig.events).contains("tried w0 no_verdict").doesNotContain("returned w0");
  }

  @Test
  void eachFailedTrialDoublesTheTimeUpToTheLimitAndHealthyTimeForgives() {
    rig.eject(0);
    double[] expected = {10, 20, 40, 50, 50};
    for (int i = 0; i < expected.length; i++) {
      assertThat(sick.view().ejections()).isEqualTo(i + 1);
      assertThat(sick.view().millisLeft() / 1000.0)
          .isCloseTo(expected[i], within(0.1 * expected[i] + 0.001));
      rig.pass(1.1 * expected[i]);
      if (i < expected.length - 1) {
        rig.on(0).close(Ending.FAILED);
      }
    }
    assertThat(rig.events).contains("tried w0 failed", "ejected w0 trial 5");
    rig.on(0).close(Ending.SUCCEEDED);
    rig.pass(30);
    rig.eject(0);
    assertThat(sick.view().ejections()).isEqualTo(6);
    rig.pass(60);
    rig.on(0).close(Ending.SUCCEEDED);
    rig.pass(51);
    rig.eject(0);
    assertThat(sick.view().ejections()).isEqualTo(1);
  }

  @Test
  void afterItsReturnTheWeightGrowsFromATenth() {
    assertThat(sick.share()).isEqualTo(1);
    rig.eject(0);
    rig.pass(12);
    rig.on(0).close(Ending.SUCCEEDED);
    assertThat(sick.share()).isEqualTo(0.1);
    rig.pass(1);
    assertThat(sick.share()).isEqualTo(0.1);
    rig.pass(4);
    assertThat(sick.share()).isCloseTo(0.25, within(1e-9));
    assertThat(sick.view().state()).isEqualTo("slow_start");
    assertThat(sick.view().millisLeft()).isEqualTo(15_000);
    rig.pass(14);
    assertThat(sick.share()).isCloseTo(0.95, within(1e-9));
    rig.pass(1);
    assertThat(sick.share()).isEqualTo(1);
    assertThat(sick.view().plain()).isTrue();
  }

  @Test
  void anEjectedWorkerThatWasDownIsTriedAtOnce() {
    rig.eject(0);
    sick.recovered();
    assertThat(sick.admits()).isTrue();
    assertThat(sick.view().state()).isEqualTo("trial");
    rig.on(0).close(Ending.FAILED);
    assertThat(sick.view().ejections()).isEqualTo(2);
    rig.of(1).recovered();
    assertThat(rig.of(1).share()).isEqualTo(1);
  }

  @Test
  void aPardonForgetsEverything() {
    rig.eject(0);
    sick.pardon();
    assertThat(sick.admits()).isTrue();
    assertThat(sick.share()).isEqualTo(1);
    rig.eject(0);
    assertThat(sick.view().ejections()).isEqualTo(1);
  }

  @Test
  void aTrialThatOutlivesAPardonIsAnOrdinaryRequest() {
    rig.eject(0);
    rig.pass(12);
    Lease<OutlierRig.Member> trial = rig.on(0);
    sick.pardon();
    trial.close(Ending.FAILED);
    assertThat(sick.admits()).isTrue();
    assertThat(rig.events).doesNotContain("tried w0 failed");
  }

  @Test
  void whereItIsSwitchedOffNothingEverHappens() {
    OutlierRig off = new OutlierRig(OutlierSettings.OFF, 2, 1);
    for (int i = 0; i < 1_000; i++) {
      off.fail(0);
    }
    assertThat(off.of(0).admits()).isTrue();
    assertThat(off.of(0).share()).isEqualTo(1);
    assertThat(off.events).isEmpty();
  }

  // Slowness.

  private void firstToken(int worker, double seconds) {
    Lease<OutlierRig.Member> lease = rig.on(worker);
    rig.pass(seconds);
    lease.tokens(1, rig.now);
    lease.close(Ending.SUCCEEDED);
  }

  /** So many that what was learned of the workers does not change with a few more. */
  private void allAreFast() {
    for (int i = 0; i < 100; i++) {
      for (int worker = 0; worker < 4; worker++) {
        firstToken(worker, 0.05);
      }
    }
  }

  @Test
  void slowFirstTokensInARowEjectAlthoughTheyAllSucceed() {
    allAreFast();
    for (int i = 0; i < 4; i++) {
      assertThat(sick.admits()).isTrue();
      firstToken(0, 4);
    }
    assertThat(sick.admits()).isFalse();
    assertThat(rig.events).containsExactly("ejected w0 slow 1");
    rig.pass(12);
    Lease<OutlierRig.Member> trial = rig.on(0);
    rig.pass(30);
    trial.tokens(1, rig.now);
    // Slowness does not make it longer: the next trial costs little.
    assertThat(rig.events).endsWith("tried w0 failed", "ejected w0 trial 1");
    trial.close(Ending.SUCCEEDED);
    assertThat(sick.admits()).isFalse();
  }

  @Test
  void firstTokensThatDoNotComeAreSlowBeforeTheyCome() {
    allAreFast();
    List<Lease<OutlierRig.Member>> waiting = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      waiting.add(rig.on(0));
      rig.pass(0.5);
      waiting.forEach(lease -> lease.checkOverdue(rig.now));
      waiting.forEach(lease -> lease.checkOverdue(rig.now));
      assertThat(sick.admits()).as("after %d", i).isEqualTo(i < 8);
      if (!sick.admits()) {
        break;
      }
    }
    assertThat(rig.events).containsExactly("ejected w0 slow 1");
    rig.pass(10);
    waiting.forEach(lease -> lease.tokens(1, rig.now));
    waiting.forEach(lease -> lease.close(Ending.SUCCEEDED));
    assertThat(rig.events).hasSize(1);
  }

  @Test
  void thoseThatWereOverdueInOneLookCountOnceTheyTurnOutToLast() {
    allAreFast();
    List<Lease<OutlierRig.Member>> waiting = new ArrayList<>();
    for (int i = 0; i < OutlierRig.SETTINGS.slowFirstTokens(); i++) {
      waiting.add(rig.on(0));
    }
    rig.pass(4);
    waiting.forEach(lease -> lease.checkOverdue(rig.now));
    assertThat(sick.admits()).as("this may be a hiccup").isTrue();
    rig.pass(4);
    waiting.forEach(lease -> lease.tokens(1, rig.now));
    assertThat(rig.events).containsExactly("ejected w0 slow 1");
    waiting.forEach(lease -> lease.close(Ending.SUCCEEDED));
  }

  @Test
  void aLongPromptThatTakesAsLongAsPredictedIsNotSlow() {
    Picker picker = new Picker(new java.util.Random(1), () -> rig.now);
    for (int i = 0; i < 30; i++) {
      Lease<OutlierRig.Member> lease =
          picker.pick(
              List.of(rig.members.get(0)), m -> true, new RandomPolicy(), new Demand(100_000, 10));
      rig.pass(2 * lease.expectedTtft());
      lease.tokens(1, rig.now);
      lease.close(Ending.SUCCEEDED);
    }
    assertThat(sick.admits()).isTrue();
  }

  @Test
  void whatIsUsualInThePoolIsNotSlow() {
    allAreFast();
    for (int i = 0; i < 20; i++) {
      for (int worker = 0; worker < 4; worker++) {
        firstToken(worker, 4);
      }
    }
    assertThat(rig.events).isEmpty();
  }

  @Test
  void oneHiccupThatDelaysManyAtOnceIsNotSlowness() {
    allAreFast();
    List<Lease<OutlierRig.Member>> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(rig.on(0));
    }
    rig.pass(30);
    waiting.forEach(lease -> lease.tokens(1, rig.now));
    waiting.forEach(lease -> lease.close(Ending.SUCCEEDED));
    assertThat(sick.admits()).isTrue();
  }

  // The pool.

  @Test
  void atMostHalfIsOutAndBeyondThatAllAreUsed() {
    rig.eject(0);
    rig.eject(1);
    assertThat(rig.pool.panic()).isFalse();
    assertThat(sick.admits()).isFalse();
    rig.eject(2);
    assertThat(rig.pool.panic()).isTrue();
    for (int i = 0; i < 4; i++) {
      assertThat(rig.of(i).admits()).isTrue();
      assertThat(rig.of(i).share()).isEqualTo(1);
    }
    assertThat(sick.view().ignored()).isTrue();
    assertThat(rig.events).endsWith("ejected w2 failures 1", "panic 3/4");
    rig.on(0).close(Ending.FAILED);
    assertThat(rig.pool.panic()).isTrue();
    rig.on(0).close(Ending.SUCCEEDED);
    assertThat(rig.pool.panic()).isFalse();
    assertThat(sick.admits()).isTrue();
    assertThat(sick.share()).isEqualTo(1);
    assertThat(rig.of(1).admits()).isFalse();
    assertThat(rig.events).endsWith("returned w0", "calm 2/4");
  }

  @Test
  void theOnlyWorkerIsNeverOut() {
    OutlierRig alone = new OutlierRig(OutlierRig.SETTINGS, 1, 1);
    for (int i = 0; i < 50; i++) {
      alone.fail(0);
    }
    assertThat(alone.of(0).admits()).isTrue();
    assertThat(alone.events).containsExactly("ejected w0 failures 1", "panic 1/1");
  }

  /** Another loop may choose at that very moment. */
  @Test
  void theOnlyWorkerIsNotOutEvenWhileItIsBeingEjected() {
    OutlierRig alone = new OutlierRig(OutlierRig.SETTINGS, 1, 7);
    List<Boolean> admitted = new ArrayList<>();
    alone.outliers.listen(
        new OutlierListener() {
          @Override
          public void ejected(
              String model, String worker, Reason reason, String why, Duration time, int count) {
            admitted.add(alone.of(0).admits());
          }

          @Override
          public void tried(String model, String worker, Trial result) {}

          @Override
          public void returned(String model, String worker, String why) {}

          @Override
          public void panic(String model, boolean begins, int ejected, int routable) {
            admitted.add(alone.of(0).admits());
          }
        });
    alone.eject(0);
    assertThat(admitted).containsExactly(true, true);
  }

  @Test
  void workersThatAreNotRoutableAreNoPartOfTheShare() {
    rig.eject(0);
    rig.eject(1);
    assertThat(rig.pool.panic()).isFalse();
    rig.members.get(2).routable = false;
    rig.outliers.recheck();
    assertThat(rig.pool.panic()).isTrue();
    rig.members.get(0).routable = false;
    rig.outliers.recheck();
    assertThat(rig.pool.panic()).isFalse();
    assertThat(rig.pool.ejected()).isEqualTo(1);
  }

  @Test
  void aPoolWhoseWorkersAreGoneIsCalm() {
    rig.eject(0);
    rig.eject(1);
    rig.eject(2);
    assertThat(rig.pool.panic()).isTrue();
    rig.outliers.follow(java.util.Map.of());
    assertThat(rig.pool.panic()).isFalse();
  }

  @Test
  void theShareIsASetting() {
    OutlierSettings none =
        new OutlierSettings(
            1,
            0,
            5,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            0,
            Duration.ZERO);
    OutlierRig never = new OutlierRig(none, 4, 1);
    never.fail(0);
    assertThat(never.of(0).admits()).isTrue();
    assertThat(never.pool.panic()).isTrue();
  }
}

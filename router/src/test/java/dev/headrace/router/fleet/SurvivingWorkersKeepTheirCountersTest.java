package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.Picker;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is in flight on a worker stays counted, whatever happens to the rest of the fleet. */
final class SurvivingWorkersKeepTheirCountersTest {
  private final FleetRig rig = new FleetRig();
  private final FleetRig.Hand source = new FleetRig.Hand("consul");
  private final FleetDirectory fleet = rig.started(source);

  @AfterEach
  void close() {
    rig.close();
  }

  private Lease<Worker> lease(String model) {
    return new Picker(new Random(1), System::nanoTime)
        .pick(
            fleet.current().resolve(model).workers(),
            worker -> worker.unroutable() == null,
            new LeastLoadPolicy(),
            Demand.TYPICAL);
  }

  private void knows(String... keys) {
    eventually(() -> assertThat(fleet.current().workers()).containsOnlyKeys(keys));
  }

  @Test
  void aWorkerThatSurvivesAnUpdateKeepsItsLedgerAndItsLiveState() {
    source.report(spec("consul", "a", 9001, "m"));
    knows("consul/a");
    Worker before = fleet.current().workers().get("consul/a");
    Lease<Worker> lease = lease("m");
    before.live().drainedByOperator(true);

    source.report(spec("consul", "a", 9001, "m", "m2"), spec("consul", "b", 9002, "m"));
    knows("consul/a", "consul/b");

    Worker after = fleet.current().workers().get("consul/a");
    assertThat(after.ledger()).isSameAs(before.ledger());
    assertThat(after.live()).isSameAs(before.live());
    assertThat(after.ledger().inFlight()).isEqualTo(1);
    assertThat(after.unroutable()).isEqualTo("draining");
    lease.close(Ending.SUCCEEDED);
    assertThat(after.ledger().inFlight()).isZero();
  }

  @Test
  void aWorkerThatIsRemovedGetsNoNewPickWhileItsLeasesEndByThemselves() {
    source.report(spec("consul", "a", 9001, "m"), spec("consul", "b", 9002, "m"));
    knows("consul/a", "consul/b");
    Lease<Worker> first = lease("m");
    Lease<Worker> second = lease("m");
    assertThat(List.of(first.worker().spec().id(), second.worker().spec().id()))
        .containsExactlyInAnyOrder("a", "b");
    Lease<Worker> onA = first.worker().spec().id().equals("a") ? first : second;

    source.report(spec("consul", "b", 9002, "m"));
    knows("consul/b");
    for (int i = 0; i < 7; i++) {
      assertThat(lease("m").worker().spec().id()).isEqualTo("b");
    }
    assertThat(lease("m")).isNull();
    onA.close(Ending.SUCCEEDED);
    assertThat(onA.worker().ledger().inFlight()).isZero();
  }

  @Test
  void aWorkerThatReturnsWhileStreamsAreOpenIsChargedForThem() {
    source.report(spec("consul", "a", 9001, "m"));
    knows("consul/a");
    Lease<Worker> open = lease("m");
    source.report();
    knows();
    source.report(spec("consul", "a", 9001, "m"));
    knows("consul/a");

    assertThat(fleet.current().workers().get("consul/a").ledger().inFlight()).isEqualTo(1);
    open.close(Ending.SUCCEEDED);
    assertThat(fleet.current().workers().get("consul/a").ledger().inFlight()).isZero();
  }

  @Test
  void anOperatorsWordHoldsWhenTheWorkerWasAwayForAMoment() {
    source.report(spec("consul", "a", 9001, "m"), spec("consul", "b", 9002, "m"));
    knows("consul/a", "consul/b");
    FleetRig.result(fleet.mark("consul/a", live -> live.drainedByOperator(true)));
    FleetRig.result(fleet.mark("consul/b", live -> live.ejectedByOperator(true)));
    source.report();
    knows();
    source.report(spec("consul", "a", 9001, "m"), spec("consul", "b", 9002, "m"));
    knows("consul/a", "consul/b");
    assertThat(fleet.current().workers().get("consul/a").unroutable()).isEqualTo("draining");
    assertThat(fleet.current().workers().get("consul/b").unroutable())
        .isEqualTo("ejected by operator");

    FleetRig.result(fleet.mark("consul/a", live -> live.drainedByOperator(false)));
    source.report();
    knows();
    source.report(spec("consul", "a", 9001, "m"));
    knows("consul/a");
    assertThat(fleet.current().workers().get("consul/a").unroutable()).isNull();
    assertThat(FleetRig.result(fleet.mark("consul/c", live -> {}))).isFalse();
  }

  @Test
  void aChangedLimitIsAppliedToTheSameLedgerAndAWeightToThePool() {
    source.report(spec("consul", "a", 9001, "m"));
    knows("consul/a");
    Worker before = fleet.current().workers().get("consul/a");
    WorkerSpec changed = spec("consul", "a", 9001, "m");
    source.report(
        new WorkerSpec(
            "consul",
            "a",
            changed.address(),
            "vllm",
            changed.models(),
            3,
            2.5,
            false,
            false,
            null,
            changed.meta()));
    eventually(() -> assertThat(before.ledger().capacity()).isEqualTo(3));
    assertThat(fleet.current().workers().get("consul/a").weight()).isEqualTo(2.5);
  }

  @Test
  void aReportThatSaysNothingNewPublishesNothing() {
    source.report(spec("consul", "a", 9001, "m"), spec("consul", "b", 9002, "m"));
    knows("consul/a", "consul/b");
    FleetSnapshot before = fleet.current();
    source.report(spec("consul", "b", 9002, "m"), spec("consul", "a", 9001, "m"));
    FleetRig.result(fleet.workers());
    assertThat(fleet.current()).isSameAs(before);
  }
}

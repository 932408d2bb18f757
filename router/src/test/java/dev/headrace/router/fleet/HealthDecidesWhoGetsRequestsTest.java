package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.fixed;
import static dev.headrace.router.fleet.FleetRig.result;
import static dev.headrace.router.fleet.FleetRig.spec;
import static dev.headrace.router.fleet.FleetRig.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerHealth.State;
import dev.headrace.worker.probe.ProbeException;
import dev.headrace.worker.probe.ProbeException.Fault;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers get requests when they are known to be ready, and lose them when they are not. */
final class HealthDecidesWhoGetsRequestsTest {
  private static final HeadraceConfig.Health OFTEN =
      new HeadraceConfig.Health(Duration.ofMillis(20), Duration.ofSeconds(1), 3, 2);
  private static final HeadraceConfig.Health SELDOM =
      new HeadraceConfig.Health(Duration.ofHours(1), Duration.ofSeconds(1), 3, 2);

  private final FleetRig rig = new FleetRig();
  private HealthMonitor monitor;

  @AfterEach
  void close() {
    result(monitor.stop());
    rig.close();
  }

  private HealthMonitor monitor(FleetDirectory fleet, HeadraceConfig.Health settings) {
    monitor =
        new HealthMonitor(rig.vertx, rig.context, fleet, rig.inquiry, settings, new Random(3));
    return monitor;
  }

  @Test
  void aStaticWorkerIsNotRoutableBeforeItsFirstReadyAnswer() {
    rig.inquiry.tells(url(9001), "vllm", 8, "m");
    rig.inquiry.hold();
    FleetDirectory fleet = rig.started(new StaticFleetSource(List.of(fixed("a", 9001, "m"))));
    Future<Void> first = monitor(fleet, OFTEN).start();
    eventually(() -> assertThat(rig.inquiry.checked(url(9001))).isEqualTo(1));
    Worker worker = fleet.current().workers().get("static/a");
    assertThat(worker.unroutable()).isEqualTo("loading: not checked yet");
    assertThat(first.isComplete()).isFalse();

    rig.inquiry.letGo();
    result(first);
    assertThat(worker.unroutable()).isNull();
  }

  @Test
  void aWorkerWhoseSourceWatchesItsHealthIsRoutableAtOnce() {
    FleetRig.Hand source = new FleetRig.Hand("consul");
    FleetDirectory fleet = rig.started(source);
    result(monitor(fleet, OFTEN).start());
    rig.inquiry.hold();
    source.report(spec("consul", "a", 9001, "m"));
    eventually(() -> assertThat(fleet.current().workers()).containsKey("consul/a"));
    assertThat(fleet.current().workers().get("consul/a").unroutable()).isNull();
    rig.inquiry.letGo();
  }

  @Test
  void aReadyWorkerIsDownAfterAsManyFailuresAndReadyAfterAsManySuccessesAsConfigured() {
    rig.inquiry.tells(url(9001), "vllm", 8, "m");
    FleetDirectory fleet = rig.started(new StaticFleetSource(List.of(fixed("a", 9001, "m"))));
    List<String> transitions = new CopyOnWriteArrayList<>();
    HealthMonitor watching = monitor(fleet, OFTEN);
    watching.onTransition(
        (worker, before, after) -> transitions.add(worker.spec().id() + before + after));
    result(watching.start());
    Worker worker = fleet.current().workers().get("static/a");

    rig.inquiry.health(url(9001), WorkerHealth.down("status 500"));
    eventually(() -> assertThat(worker.unroutable()).isEqualTo("down: status 500"));
    rig.inquiry.health(url(9001), WorkerHealth.READY);
    eventually(() -> assertThat(worker.unroutable()).isNull());
    eventually(
        () ->
            assertThat(transitions)
                .containsExactly(
                    "a" + State.LOADING + State.READY,
                    "a" + State.READY + State.DOWN,
                    "a" + State.DOWN + State.READY));
  }

  @Test
  void aRefusedConnectionTakesTheWorkerDownAtOnceAndItReturnsThroughChecks() {
    rig.inquiry.tells(url(9001), "vllm", 8, "m");
    FleetDirectory fleet = rig.started(new StaticFleetSource(List.of(fixed("a", 9001, "m"))));
    HealthMonitor watching = monitor(fleet, OFTEN);
    result(watching.start());
    Worker worker = fleet.current().workers().get("static/a");
    assertThat(worker.unroutable()).isNull();

    rig.inquiry.hold();
    watching.connectFailed(worker, "connection refused");
    assertThat(worker.unroutable()).isEqualTo("down: connection refused");
    rig.inquiry.letGo();
    eventually(() -> assertThat(worker.unroutable()).isNull());
  }

  @Test
  void anAnswerThatWasAskedForBeforeTheRefusalDoesNotCount() {
    rig.inquiry.tells(url(9001), "vllm", 8, "m");
    FleetDirectory fleet = rig.started(new StaticFleetSource(List.of(fixed("a", 9001, "m"))));
    HealthMonitor watching =
        monitor(fleet, new HeadraceConfig.Health(Duration.ofHours(1), Duration.ofSeconds(1), 1, 2));
    result(watching.start());
    Worker worker = fleet.current().workers().get("static/a");

    rig.inquiry.hold();
    watching.report(worker, FailureKind.BROKEN);
    eventually(() -> assertThat(rig.inquiry.checked(url(9001))).isEqualTo(2));
    watching.connectFailed(worker, "connection refused");
    rig.inquiry.letGo();
    eventually(() -> assertThat(rig.inquiry.checked(url(9001))).isEqualTo(3));
    result(fleet.workers());
    assertThat(worker.unroutable()).isEqualTo("down: connection refused");
  }

  @Test
  void aConnectionThatFailsOtherwiseTakesNobodyDownUnlessTheCheckAgrees() {
    rig.inquiry.tells(url(9001), "vllm", 8, "m");
    FleetDirectory fleet = rig.started(new StaticFleetSource(List.of(fixed("a", 9001, "m"))));
    HealthMonitor watching = monitor(fleet, SELDOM);
    result(watching.start());
    Worker worker = fleet.current().workers().get("static/a");

    watching.connectFailed(worker, "connection timed out after 2000 ms: /127.0.0.1:9001");
    assertThat(worker.unroutable()).isNull();
    eventually(() -> assertThat(rig.inquiry.checked(url(9001))).isEqualTo(2));
    result(fleet.workers());
    assertThat(worker.unroutable()).isNull();

    rig.inquiry.health(url(9001), WorkerHealth.down("no answer within 2000 ms"));
    watching.connectFailed(worker, "connection timed out after 2000 ms: /127.0.0.1:9001");
    eventually(() -> assertThat(worker.unroutable()).isEqualTo("down: no answer within 2000 ms"));
    assertThat(rig.inquiry.checked(url(9001))).isEqualTo(3);
  }

  @Test
  void aFaultOfTheRouterItselfTakesNobodyDown() {
    rig.inquiry.tells(url(9001), "vllm", 8, "m");
    FleetDirectory fleet = rig.started(new StaticFleetSource(List.of(fixed("a", 9001, "m"))));
    HealthMonitor watching = monitor(fleet, OFTEN);
    result(watching.start());
    Worker worker = fleet.current().workers().get("static/a");
    rig.inquiry.failing(
        url(9001), new ProbeException(Fault.LOCAL, "could not be asked: too many open files"));

    watching.connectFailed(worker, "connection timed out after 2000 ms: /127.0.0.1:9001");
    int checks = rig.inquiry.checked(url(9001));
    eventually(() -> assertThat(rig.inquiry.checked(url(9001))).isGreaterThan(checks + 10));
    assertThat(worker.unroutable()).isNull();

    rig.inquiry.failing(url(9001), null);
    int asked = rig.inquiry.checked(url(9001));
    watching.connectFailed(
        worker, "connect(..) failed with error(-99): Cannot assign requested address");
    watching.connectFailed(worker, "Failed to open a socket.");
    eventually(() -> assertThat(rig.inquiry.checked(url(9001))).isGreaterThan(asked + 3));
    assertThat(worker.unroutable()).isNull();
  }

  @Test
  void silenceWhileTheRouterItselfWasAwayCountsForNothing() {
    rig.inquiry.tells(url(9001), "vllm", 8, "m");
    FleetDirectory fleet = rig.started(new StaticFleetSource(List.of(fixed("a", 9001, "m"))));
    HealthMonitor watching =
        monitor(
            fleet, new HeadraceConfig.Health(Duration.ofHours(1), Duration.ofMillis(400), 1, 1));
    result(watching.start());
    Worker worker = fleet.current().workers().get("static/a");
    rig.inquiry.health(url(9001), WorkerHealth.down("no answer within 400 ms"));

    rig.inquiry.hold();
    watching.report(worker, FailureKind.BROKEN);
    eventually(() -> assertThat(rig.inquiry.checked(url(9001))).isEqualTo(2));
    rig.context.runOnContext(away -> occupy(Duration.ofMillis(600)));
    rig.inquiry.letGo();
    result(fleet.workers());
    assertThat(worker.unroutable()).isNull();

    watching.report(worker, FailureKind.BROKEN);
    eventually(() -> assertThat(worker.unroutable()).isEqualTo("down: no answer within 400 ms"));
  }

  private static void occupy(Duration time) {
    try {
      boolean counted = new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
      assertThat(counted).isFalse();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCheckThatThrowsIsAFailedOneAndGivesItsSlotBack() {
    rig.inquiry.tells(url(9001), "vllm", 8, "m");
    List<HeadraceConfig.StaticWorker> workers = new ArrayList<>();
    for (int port = 9002; port < 9102; port++) {
      rig.inquiry.throwing(url(port), new IllegalArgumentException("port out of range"));
      workers.add(fixed("w" + port, port, "m"));
    }
    workers.add(fixed("a", 9001, "m"));
    FleetDirectory fleet = rig.started(new StaticFleetSource(workers));
    result(monitor(fleet, OFTEN).start());
    Worker worker = fleet.current().workers().get("static/a");
    eventually(() -> assertThat(worker.unroutable()).isNull());
    assertThat(fleet.current().workers().get("static/w9002").unroutable())
        .startsWith("down: cannot be asked")
        .contains("port out of range");

    rig.inquiry.health(url(9001), WorkerHealth.down("status 500"));
    eventually(() -> assertThat(worker.unroutable()).isEqualTo("down: status 500"));
  }

  @Test
  void aWorkerThatNeverWasReadyTakesRequestsAtItsFirstGoodCheckWhichComesSoon() {
    FleetDirectory fleet = rig.started(new StaticFleetSource(List.of(fixed("a", 9001, "m"))));
    result(monitor(fleet, SELDOM).start());
    Worker worker = fleet.current().workers().get("static/a");
    assertThat(worker.unroutable()).isEqualTo("down: connection refused");

    rig.inquiry.health(url(9001), WorkerHealth.READY);
    eventually(() -> assertThat(worker.unroutable()).isNull());
  }

  @Test
  void howeverManyRequestsFailTheChecksBackOff() {
    rig.inquiry.tells(url(9001), "vllm", 8, "m");
    FleetDirectory fleet = rig.started(new StaticFleetSource(List.of(fixed("a", 9001, "m"))));
    HealthMonitor watching = monitor(fleet, SELDOM);
    result(watching.start());
    Worker worker = fleet.current().workers().get("static/a");

    long began = System.nanoTime();
    eventually(
        () -> {
          watching.report(worker, FailureKind.BROKEN);
          watching.connectFailed(worker, "connection timed out");
          assertThat(rig.inquiry.checked(url(9001))).isEqualTo(5);
        });
    // The first at once, and before each other one at least half of 500, 1000 and 2000 ms.
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(1750));
  }

  @Test
  void aFailedRequestHasTheWorkerAskedAtOnce() {
    rig.inquiry.tells(url(9001), "vllm", 8, "m");
    FleetDirectory fleet = rig.started(new StaticFleetSource(List.of(fixed("a", 9001, "m"))));
    HealthMonitor watching = monitor(fleet, SELDOM);
    result(watching.start());
    Worker worker = fleet.current().workers().get("static/a");
    watching.report(worker, FailureKind.BAD_REQUEST);
    result(fleet.workers());
    assertThat(rig.inquiry.checked(url(9001))).isEqualTo(1);

    rig.inquiry.health(url(9001), WorkerHealth.loading("loading the model"));
    watching.report(worker, FailureKind.NOT_READY);
    eventually(() -> assertThat(worker.unroutable()).isEqualTo("loading: loading the model"));
  }

  @Test
  void checksOfALargeFleetAreNotAllUnderWayAtOnce() {
    IntStream.range(0, 500).forEach(i -> rig.inquiry.health(url(10_000 + i), WorkerHealth.READY));
    rig.inquiry.hold();
    FleetDirectory fleet =
        rig.started(
            new StaticFleetSource(
                IntStream.range(0, 500).mapToObj(i -> fixed("w" + i, 10_000 + i, "m")).toList()));
    Future<Void> first = monitor(fleet, SELDOM).start();
    eventually(() -> assertThat(rig.inquiry.mostUnderWay()).isEqualTo(64));
    while (!first.isComplete()) {
      rig.inquiry.letGo();
    }
    assertThat(rig.inquiry.mostUnderWay()).isEqualTo(64);
    assertThat(IntStream.range(0, 500)).allMatch(i -> rig.inquiry.checked(url(10_000 + i)) == 1);
  }
}

package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.result;
import static dev.headrace.router.fleet.FleetRig.spec;
import static dev.headrace.router.fleet.FleetRig.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.balance.Outlier;
import dev.headrace.router.balance.OutlierSettings;
import dev.headrace.router.balance.Outliers;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.WorkerHealth;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a check finds, and what requests told, meet when a worker was down and is back. */
final class RecoveredWorkersStartSlowlyTest {
  private final FleetRig rig = new FleetRig();
  private final FleetRig.Hand source = new FleetRig.Hand("consul");
  private FleetDirectory fleet;
  private HealthMonitor health;
  private Worker worker;
  private Outlier outlier;

  @BeforeEach
  void start() {
    fleet = rig.started(source);
    health =
        new HealthMonitor(
            rig.vertx,
            rig.context,
            fleet,
            rig.inquiry,
            new HeadraceConfig.Health(Duration.ofMillis(20), Duration.ofSeconds(1), 2, 1),
            new Random(1));
    rig.inquiry.health(url(9001), WorkerHealth.READY);
    source.report(spec("consul", "a", 9001, "m"));
    result(health.start());
    eventually(() -> assertThat(fleet.current().workers()).containsKey("consul/a"));
    worker = fleet.current().workers().get("consul/a");
    Outliers outliers =
        new Outliers(
            OutlierSettings.DEFAULT, System::nanoTime, InstantSource.system(), new Random(2));
    outlier = worker.live().outlier(outliers.of("another model"), "consul/a");
  }

  @AfterEach
  void close() {
    result(health.stop());
    rig.close();
  }

  @Test
  void afterChecksThatFailed() {
    assertThat(outlier.view().plain()).isTrue();
    rig.inquiry.health(url(9001), WorkerHealth.down("gone"));
    eventually(() -> assertThat(worker.unroutable()).startsWith("down"));
    assertThat(outlier.view().plain()).isTrue();
    rig.inquiry.health(url(9001), WorkerHealth.READY);
    eventually(() -> assertThat(worker.unroutable()).isNull());
    eventually(() -> assertThat(outlier.view().state()).isEqualTo("slow_start"));
  }

  @Test
  void butNotAfterOneConnectionThatFailedWhileEveryCheckWasGood() {
    health.connectFailed(worker, "refused");
    eventually(() -> assertThat(worker.unroutable()).isNull());
    assertThat(outlier.view().plain()).isTrue();
    assertThat(outlier.share()).isEqualTo(1);
  }

  @Test
  void norAfterItHasLoadedForTheFirstTime() {
    rig.inquiry.health(url(9003), WorkerHealth.loading("loading"));
    source.report(spec("consul", "a", 9001, "m"), spec("consul", "b", 9003, "m"));
    eventually(() -> assertThat(fleet.current().workers()).containsKey("consul/b"));
    Worker late = fleet.current().workers().get("consul/b");
    Outlier ofLate = late.live().outlier(outlier.pool(), "consul/b");
    eventually(() -> assertThat(late.unroutable()).startsWith("loading"));
    rig.inquiry.health(url(9003), WorkerHealth.READY);
    eventually(() -> assertThat(late.unroutable()).isNull());
    assertThat(ofLate.view().plain()).isTrue();
  }

  @Test
  void anotherAddressBehindTheSameKeyIsAnotherWorker() {
    outlier.recovered();
    assertThat(outlier.view().state()).isEqualTo("slow_start");
    source.report(spec("consul", "a", 9002, "m"));
    eventually(() -> assertThat(outlier.view().plain()).isTrue());
  }
}

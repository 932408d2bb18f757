package dev.headrace.router.observe;

import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.result;
import static dev.headrace.router.fleet.FleetRig.spec;
import static dev.headrace.router.fleet.FleetRig.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.balance.Demand;
import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.balance.LeastLoadPolicy;
import dev.headrace.router.balance.Picker;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.fleet.FleetDirectory;
import dev.headrace.router.fleet.FleetRig;
import dev.headrace.router.fleet.HealthMonitor;
import dev.headrace.router.fleet.LoadPoller;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.fleet.WorkerSpec;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.load.WorkerLoad;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each meter of the fleet is seen to move. */
final class FleetMetersMoveTest {
  private final FleetRig rig = new FleetRig();
  private final FleetRig.Hand source = new FleetRig.Hand("consul");
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private FleetDirectory fleet;
  private HealthMonitor health;
  private LoadPoller loads;

  @BeforeEach
  void start() {
    fleet = rig.started(source);
    health =
        new HealthMonitor(
            rig.vertx,
            rig.context,
            fleet,
            rig.inquiry,
            new HeadraceConfig.Health(Duration.ofMillis(20), Duration.ofSeconds(1), 1, 1),
            new Random(1));
    loads =
        new LoadPoller(
            rig.vertx, rig.context, fleet, rig.inquiry, Duration.ofMillis(20), new Random(2));
    new FleetMeters(registry, fleet, health, System::nanoTime);
    result(health.start());
    loads.start();
  }

  @AfterEach
  void close() {
    result(loads.stop());
    result(health.stop());
    rig.close();
  }

  private double value(String name, String... tags) {
    Gauge gauge = registry.find(name).tags(tags).gauge();
    return gauge == null ? Double.NEGATIVE_INFINITY : gauge.value();
  }

  private double workers(String state) {
    return value("headrace.workers", "state", state);
  }

  private void known(int port) {
    rig.inquiry.health(url(port), WorkerHealth.READY);
  }

  @Test
  void workersByState() {
    known(9001);
    known(9002);
    source.report(
        spec("consul", "a", 9001, "m"),
        spec("consul", "b", 9002, "m"),
        spec("consul", "c", 9002, "m"),
        new WorkerSpec(
            "consul",
            "d",
            WorkerAddress.parse(url(9004)),
            null,
            null,
            null,
            1,
            false,
            false,
            null,
            Map.of()));
    eventually(() -> assertThat(workers("routable")).isEqualTo(2));
    assertThat(workers("shadowed")).isEqualTo(1);
    assertThat(workers("unresolved")).isEqualTo(1);
    assertThat(value("headrace.models")).isEqualTo(1);
    Worker a = fleet.current().workers().get("consul/a");
    a.live().ejectedByOperator(true);
    assertThat(workers("ejected")).isEqualTo(1);
    a.live().ejectedByOperator(false);
    a.live().drainedByOperator(true);
    assertThat(workers("draining")).isEqualTo(1);
    rig.inquiry.health(url(9002), WorkerHealth.loading("loading"));
    eventually(() -> assertThat(workers("loading")).isEqualTo(1));
    rig.inquiry.health(url(9002), WorkerHealth.down("gone"));
    eventually(() -> assertThat(workers("down")).isEqualTo(1));
    assertThat(workers("routable")).isZero();
    assertThat(registry.counter("headrace.worker.transitions", "to", "loading").count())
        .isEqualTo(1);
    assertThat(registry.counter("headrace.worker.transitions", "to", "down").count()).isEqualTo(1);
  }

  @Test
  void gaugesOfAWorkerMoveWithItAndGoWithIt() {
    known(9001);
    source.report(spec("consul", "a", 9001, "m"));
    eventually(() -> assertThat(value("headrace.worker.in.flight", "worker", "consul/a")).isZero());
    Lease<Worker> lease =
        new Picker(new Random(1), System::nanoTime)
            .pick(
                fleet.current().pools().get("m").workers(),
                worker -> true,
                new LeastLoadPolicy(),
                Demand.TYPICAL);
    assertThat(value("headrace.worker.in.flight", "worker", "consul/a")).isEqualTo(1);
    lease.close(Ending.SUCCEEDED);
    assertThat(value("headrace.worker.in.flight", "worker", "consul/a")).isZero();

    rig.inquiry.load(url(9001), WorkerLoad.of(System.nanoTime(), 3, 2, 0.5));
    eventually(
        () -> assertThat(value("headrace.worker.running", "worker", "consul/a")).isEqualTo(3));
    assertThat(value("headrace.worker.waiting", "worker", "consul/a")).isEqualTo(2);
    assertThat(value("headrace.worker.kv.usage", "worker", "consul/a")).isEqualTo(0.5);
    // Five of other clients, as nothing of ours is there.
    eventually(
        () ->
            assertThat(value("headrace.worker.drift.requests", "worker", "consul/a")).isEqualTo(5));
    double age = value("headrace.worker.load.age.seconds", "worker", "consul/a");
    eventually(
        () ->
            assertThat(value("headrace.worker.load.age.seconds", "worker", "consul/a"))
                .isGreaterThan(age));

    source.report(spec("consul", "a", 9001, "m", "n"));
    eventually(() -> assertThat(value("headrace.models")).isEqualTo(2));
    assertThat(value("headrace.worker.running", "worker", "consul/a")).isEqualTo(3);

    source.report();
    eventually(
        () ->
            assertThat(registry.getMeters())
                .extracting(Meter::getId)
                .noneMatch(id -> id.getTag("worker") != null));
  }

  @Test
  void versionAndAgeOfTheSource() {
    known(9001);
    double before = value("headrace.fleet.version");
    source.report(spec("consul", "a", 9001, "m"));
    eventually(() -> assertThat(value("headrace.fleet.version")).isGreaterThan(before));
    double young = value("headrace.fleet.source.age", "source", "consul");
    assertThat(young).isNotNegative();
    eventually(
        () ->
            assertThat(value("headrace.fleet.source.age", "source", "consul"))
                .isGreaterThan(young));
    assertThat(value("headrace.fleet.source.from.disk", "source", "consul")).isZero();
  }

  @Test
  void aSourceThatIsReplacedByTheLastRunShows() throws Exception {
    java.nio.file.Path file = java.nio.file.Files.createTempDirectory("fleet").resolve("f.json");
    FleetRig.Hand first = new FleetRig.Hand("consul");
    FleetDirectory before = rig.directory(file, Map.of(), first);
    result(before.start());
    first.report(spec("consul", "a", 9001, "m"));
    eventually(() -> assertThat(before.current().workers()).hasSize(1));
    result(before.stop());

    FleetDirectory after = rig.directory(file, Map.of(), new FleetRig.Hand("consul"));
    SimpleMeterRegistry own = new SimpleMeterRegistry();
    new FleetMeters(own, after, health, System::nanoTime);
    result(after.start());
    assertThat(own.get("headrace.fleet.source.from.disk").gauge().value()).isEqualTo(1);
    assertThat(own.get("headrace.fleet.source.age").gauge().value()).isNotNegative();
  }
}

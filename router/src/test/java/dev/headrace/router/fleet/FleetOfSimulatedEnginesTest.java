package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.DEFAULTS;
import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.balance.Outliers;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.Secret;
import dev.headrace.worker.engine.Engines;
import dev.headrace.worker.probe.EngineProbe;
import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over real sockets: bare addresses become a fleet, and the fleet follows its workers. */
final class FleetOfSimulatedEnginesTest {
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final EngineProbe probe = new EngineProbe(vertx, Duration.ofSeconds(5));
  private final ProbeInquiry inquiry = new ProbeInquiry(probe);
  private FleetDirectory fleet;
  private HealthMonitor health;
  private LoadPoller loads;

  @AfterEach
  void close() {
    result(loads.stop());
    result(health.stop());
    result(fleet.stop());
    result(probe.close());
    result(vertx.close());
  }

  private void start(List<HeadraceConfig.StaticWorker> workers) {
    fleet =
        new FleetDirectory(
            new FleetDirectory.Parts(
                vertx,
                context,
                List.of(new StaticFleetSource(workers)),
                inquiry,
                Engines::byId,
                null,
                FleetRig.FAST,
                System::nanoTime,
                InstantSource.system(),
                new Random(5),
                Outliers.off()),
            DEFAULTS,
            FleetRig.ADMISSION,
            Map.of());
    health =
        new HealthMonitor(
            vertx,
            context,
            fleet,
            inquiry,
            new HeadraceConfig.Health(Duration.ofMillis(100), Duration.ofSeconds(5), 2, 1),
            new Random(6));
    loads = new LoadPoller(vertx, context, fleet, inquiry, Duration.ofMillis(50), new Random(7));
    result(fleet.start());
    result(health.start());
    loads.start();
  }

  @Test
  void bareAddressesBecomeRoutableWorkersWithTheirModelsAndLoad() {
    List<SimulatedWorker> engines = new ArrayList<>();
    List<HeadraceConfig.StaticWorker> workers = new ArrayList<>();
    for (String engine : SimOptions.ENGINES) {
      SimulatedWorker sim =
          result(
              SimulatedWorker.start(
                  vertx,
                  SimOptions.of(engine).withModels("m-" + engine).withApiKey("key").withSlots(3)));
      engines.add(sim);
      workers.add(
          new HeadraceConfig.StaticWorker(
              engine, sim.url(), null, null, null, 1, Secret.of("key")));
    }
    start(workers);
    for (String engine : SimOptions.ENGINES) {
      eventually(
          () -> {
            Worker worker = fleet.current().workers().get("static/" + engine);
            assertThat(worker).as(engine).isNotNull();
            assertThat(worker.engine().id()).isEqualTo(engine);
            assertThat(worker.unroutable()).isNull();
            assertThat(fleet.current().resolve("m-" + engine)).isNotNull();
            assertThat(worker.live().load()).isNotNull();
          });
    }
    engines.forEach(sim -> result(sim.stop()));
  }

  @Test
  void aWorkerThatDiesIsTakenOutAndOneThatReturnsIsTakenBack() {
    SimulatedWorker first =
        result(SimulatedWorker.start(vertx, SimOptions.of("vllm").withModels("m")));
    int port = first.port();
    start(List.of(new HeadraceConfig.StaticWorker("a", first.url(), null, null, null, 1, null)));
    Worker worker = fleet.current().workers().get("static/a");
    assertThat(worker.unroutable()).isNull();

    result(first.stop());
    eventually(() -> assertThat(worker.unroutable()).startsWith("down: "));

    SimulatedWorker second =
        result(
            SimulatedWorker.start(
                vertx, SimOptions.of("vllm").withModels("m", "m2").withPort(port)));
    eventually(() -> assertThat(fleet.current().resolve("m2")).isNotNull());
    eventually(() -> assertThat(fleet.current().workers().get("static/a").unroutable()).isNull());
    assertThat(fleet.current().workers().get("static/a").ledger()).isSameAs(worker.ledger());
    result(second.stop());
  }
}

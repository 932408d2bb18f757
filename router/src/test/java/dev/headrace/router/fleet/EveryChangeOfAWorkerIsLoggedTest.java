package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.result;
import static dev.headrace.router.fleet.FleetRig.spec;
import static dev.headrace.router.fleet.FleetRig.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerHealth;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a worker is in the log, once, with its reason. */
final class EveryChangeOfAWorkerIsLoggedTest {
  private static final Logger LOGGER = Logger.getLogger(WorkerLog.class.getName());

  private final FleetRig rig = new FleetRig();
  private final FleetRig.Hand source = new FleetRig.Hand("static", false, Future.succeededFuture());
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          lines.add(record.getLevel() + " " + record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private FleetDirectory fleet;
  private HealthMonitor health;

  @BeforeEach
  void start() {
    LOGGER.addHandler(handler);
    fleet = rig.started(source);
    health =
        new HealthMonitor(
            rig.vertx,
            rig.context,
            fleet,
            rig.inquiry,
            new HeadraceConfig.Health(Duration.ofMillis(20), Duration.ofSeconds(1), 2, 1),
            new Random(1));
    result(health.start());
  }

  @AfterEach
  void close() {
    result(health.stop());
    rig.close();
    LOGGER.removeHandler(handler);
  }

  /** These lines come next, and no other before them. */
  private void logged(String... expected) {
    eventually(() -> assertThat(lines).hasSizeGreaterThanOrEqualTo(expected.length));
    assertThat(lines).containsExactly(expected);
    lines.clear();
  }

  @Test
  void fromItsComingToItsLeaving() {
    WorkerSpec worker = spec("static", "a", 9001, "m");
    rig.inquiry.hold();
    source.report(worker);
    logged(
        "INFO Worker static/a joined the fleet: http://127.0.0.1:9001, loading: not checked yet");

    rig.inquiry.health(url(9001), WorkerHealth.READY).letGo();
    logged("INFO Worker static/a is routable (was loading)");

    rig.inquiry.health(url(9001), WorkerHealth.down("answered 500"));
    logged("WARNING Worker static/a is down: answered 500 (was routable)");
    rig.inquiry.health(url(9001), WorkerHealth.READY);
    logged("INFO Worker static/a is routable (was down)");

    result(fleet.mark("static/a", live -> live.drainedByOperator(true)));
    logged("INFO Worker static/a is draining by operator (was routable)");
    result(fleet.mark("static/a", live -> live.drainedByOperator(true)));
    result(fleet.mark("static/a", live -> live.ejectedByOperator(true)));
    logged("INFO Worker static/a is ejected by operator (was draining)");
    result(fleet.mark("static/a", live -> live.ejectedByOperator(false)));
    result(fleet.mark("static/a", live -> live.drainedByOperator(false)));
    logged(
        "INFO Worker static/a is draining by operator (was ejected)",
        "INFO Worker static/a is routable (was draining)");

    source.report(worker.drained());
    logged("INFO Worker static/a is draining (was routable)");

    source.report();
    logged("INFO Worker static/a left the fleet: its source no longer names it");
  }

  @Test
  void aRefusedConnectionIsOneLine() {
    rig.inquiry.health(url(9001), WorkerHealth.READY);
    source.report(spec("static", "a", 9001, "m"));
    logged(
        "INFO Worker static/a joined the fleet: http://127.0.0.1:9001, loading: not checked yet",
        "INFO Worker static/a is routable (was loading)");
    rig.inquiry.health(url(9001), WorkerHealth.down("connection refused"));
    Worker inPool = fleet.current().pools().get("m").workers().get(0);
    for (int i = 0; i < 50; i++) {
      health.connectFailed(inPool, "Connection refused: /127.0.0.1:9001");
    }
    logged("WARNING Worker static/a is down: connection refused (was routable)");
  }

  @Test
  void aWorkerThatCannotBeUsedYetIsSaidOnce() {
    source.report(
        new WorkerSpec(
            "static",
            "a",
            WorkerAddress.parse(url(9001)),
            null,
            null,
            null,
            1,
            false,
            false,
            null,
            Map.of()));
    eventually(() -> assertThat(rig.inquiry.asked(url(9001))).isGreaterThan(5));
    logged(
        "WARNING Worker static/a cannot be used: http://127.0.0.1:9001 connection refused by"
            + " http://127.0.0.1:9001");
    rig.inquiry.tells(url(9001), "vllm", 8, "m");
    logged(
        "INFO Worker static/a joined the fleet: http://127.0.0.1:9001, loading: not checked yet",
        "INFO Worker static/a is routable (was loading)");
  }

  @Test
  void manyAtOnceAreOneLine() {
    rig.inquiry.hold();
    source.report(
        IntStream.range(0, 40)
            .mapToObj(i -> spec("static", "w" + i, 10_000 + i, "m"))
            .toArray(WorkerSpec[]::new));
    eventually(() -> assertThat(lines).hasSize(1));
    assertThat(lines.get(0))
        .startsWith("INFO 40 workers joined the fleet: static/w")
        .contains(" and 37 more; the first joined the fleet: http://127.0.0.1:1");
    lines.clear();

    source.report();
    eventually(() -> assertThat(lines).hasSize(1));
    assertThat(lines.get(0))
        .startsWith("INFO 40 workers left the fleet: static/w")
        .endsWith("its source no longer names it");
  }
}

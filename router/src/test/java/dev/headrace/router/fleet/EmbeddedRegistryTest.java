package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.fleet.Registration.Beat;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Workers that registered themselves. */
final class EmbeddedRegistryTest extends FleetSourceContract {
  private EmbeddedRegistry registry;
  private final Set<String> listed = new HashSet<>();

  @Override
  protected FleetSource create(Vertx vertx) {
    registry = new EmbeddedRegistry(Duration.ofMinutes(1), System::nanoTime);
    return registry;
  }

  @Override
  protected void list(String... ids) {
    Set<String> wanted = Set.of(ids);
    for (String id : Set.copyOf(listed)) {
      if (!wanted.contains(id)) {
        result(registry.deregister(id));
        listed.remove(id);
      }
    }
    for (String id : ids) {
      if (listed.add(id)) {
        result(registry.register(registration(id, url(id))));
      }
    }
  }

  static Registration registration(String id, String url) {
    return new Registration(
        id,
        WorkerAddress.parse(url),
        "vllm",
        List.of(ServedModel.of("m")),
        4,
        1,
        Map.of(),
        Beat.PASSING);
  }

  @Test
  void aMissedHeartbeatTakesTheWorkerOutAndTheNextOneBringsItBack() {
    try (FleetRig rig = new FleetRig()) {
      AtomicLong now = new AtomicLong();
      EmbeddedRegistry own = new EmbeddedRegistry(Duration.ofMillis(300), now::get);
      FleetDirectory fleet = rig.started(own);
      result(own.register(registration("a", "http://127.0.0.1:9001")));
      Worker first = fleet.current().workers().get("embedded/a");
      assertThat(first.unroutable()).isNull();
      now.addAndGet(Duration.ofMillis(301).toNanos());
      eventually(
          () ->
              assertThat(fleet.current().workers().get("embedded/a").unroutable())
                  .isEqualTo("down by its source: no heartbeat"));
      assertThat(result(own.heartbeat("a", Beat.PASSING))).isTrue();
      Worker back = fleet.current().workers().get("embedded/a");
      assertThat(back.spec().down()).isFalse();
      assertThat(back.ledger()).isSameAs(first.ledger());
      now.addAndGet(Duration.ofMillis(3001).toNanos());
      eventually(() -> assertThat(fleet.current().workers()).isEmpty());
      assertThat(result(own.heartbeat("a", Beat.PASSING))).isFalse();
    }
  }
}

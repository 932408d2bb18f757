package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.fixed;
import static dev.headrace.router.fleet.FleetRig.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headrace.router.config.HeadraceConfig;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A list with a mistake leaves the fleet as it is. */
final class BadUpdateChangesNothingTest {
  private final FleetRig rig = new FleetRig();
  private final StaticFleetSource source =
      new StaticFleetSource(List.of(fixed("a", 9001, "m"), fixed("b", 9002, "m")));
  private final FleetDirectory fleet = rig.started(source);

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aUrlThatCannotBeReadOrAnIdThatStandsTwiceChangesNothing() {
    FleetSnapshot before = fleet.current();
    assertThat(before.workers()).hasSize(2);
    HeadraceConfig.StaticWorker wrong =
        new HeadraceConfig.StaticWorker("c", "nonsense", "vllm", List.of("m"), 1, 1, null);
    assertThatThrownBy(() -> source.update(List.of(fixed("a", 9001, "m"), wrong)))
        .hasMessageContaining("http://");
    assertThatThrownBy(() -> source.update(List.of(fixed("a", 9001, "m"), fixed("a", 9009, "m"))))
        .hasMessageContaining("'a'");
    result(fleet.workers());
    assertThat(fleet.current()).isSameAs(before);
  }

  @Test
  void aGoodUpdateIsTaken() {
    source.update(List.of(fixed("b", 9002, "m"), fixed("c", 9003, "n")));
    eventually(
        () -> assertThat(fleet.current().workers()).containsOnlyKeys("static/b", "static/c"));
  }

  @Test
  void aWorkerWithAnEngineThatNobodyKnowsIsListedAndNotRouted() {
    source.update(
        List.of(
            new HeadraceConfig.StaticWorker(
                "x", "http://127.0.0.1:9009", "vlmm", List.of("m"), 1, 1, null)));
    eventually(() -> assertThat(fleet.current().workers()).isEmpty());
    assertThat(result(fleet.workers()))
        .singleElement()
        .satisfies(
            worker -> {
              assertThat(worker.state()).isEqualTo(WorkerState.UNRESOLVED);
              assertThat(worker.reason()).isEqualTo("unknown engine 'vlmm'");
            });
  }
}

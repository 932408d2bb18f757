package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.result;
import static dev.headrace.router.fleet.FleetRig.spec;
import static dev.headrace.router.fleet.FleetRig.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.admission.Order;
import dev.headrace.router.config.AdmissionOverrides;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.Secret;
import dev.headrace.worker.WorkerAddress;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A router that starts while its registry is away serves the fleet that it knew. */
final class LastKnownFleetServesAColdStartTest {
  @TempDir Path folder;
  private final FleetRig rig = new FleetRig();

  @AfterEach
  void close() {
    rig.close();
  }

  private Path file() {
    return folder.resolve("state/fleet.json");
  }

  private FleetDirectory directory(FleetSource... sources) {
    return rig.directory(file(), Map.of(), sources);
  }

  /** A first life: two workers, one of which had to be asked, and an alias set at run time. */
  private Map<String, String> firstLife() {
    rig.inquiry.tells(url(9002), "llamacpp", 3, "tiny");
    FleetRig.Hand consul = new FleetRig.Hand("consul");
    FleetDirectory fleet = directory(consul);
    result(fleet.start());
    fleet.operatorSettings(
        Map.of(
            "m",
            new ModelSettingsPatch(
                List.of("gpt"),
                Duration.ofSeconds(5),
                null,
                null,
                "session",
                Map.of(),
                new AdmissionOverrides(3, Duration.ofSeconds(4), Order.SHORTEST_JOB_FIRST))));
    consul.report(
        spec("consul", "a", 9001, "m"),
        new WorkerSpec(
            "consul",
            "b",
            WorkerAddress.parse(url(9002)),
            null,
            null,
            null,
            2,
            false,
            false,
            Secret.of("canary-secret"),
            Map.of("zone", "z1")));
    eventually(() -> assertThat(fleet.current().workers()).hasSize(2));
    result(fleet.stop());
    rig.inquiry.silent(url(9002));
    return Map.of(
        "consul/a", fleet.current().workers().get("consul/a").publicId(),
        "consul/b", fleet.current().workers().get("consul/b").publicId());
  }

  @Test
  void theWorkersOfTheLastRunServeUntilTheSourceReports() {
    Map<String, String> publicIds = firstLife();
    FleetRig.Hand away = new FleetRig.Hand("consul");
    FleetDirectory fleet = directory(away);
    result(fleet.start());

    assertThat(fleet.current().pools()).containsOnlyKeys("m", "tiny");
    Worker asked = fleet.current().workers().get("consul/b");
    assertThat(asked.engine().id()).isEqualTo("llamacpp");
    assertThat(asked.ledger().capacity()).isEqualTo(3);
    assertThat(asked.spec().meta()).containsEntry("zone", "z1");
    assertThat(fleet.current().resolve("gpt").model()).isEqualTo("m");
    assertThat(fleet.current().settings().get("m").firstTokenTimeout())
        .isEqualTo(Duration.ofSeconds(5));
    fleet
        .current()
        .workers()
        .forEach((key, worker) -> assertThat(worker.publicId()).isEqualTo(publicIds.get(key)));
    SourceStatus status = fleet.sources().get(0);
    assertThat(status.fromDisk()).isTrue();
    assertThat(status.reported()).isFalse();
    assertThat(status.ageNanos()).isNotNegative();

    away.report(spec("consul", "a", 9001, "m"));
    eventually(() -> assertThat(fleet.current().workers()).containsOnlyKeys("consul/a"));
    assertThat(fleet.sources().get(0).fromDisk()).isFalse();
  }

  @Test
  void workersFromDiskTakeNoRequestBeforeTheirFirstCheck() {
    firstLife();
    rig.inquiry.hold();
    FleetDirectory fleet = directory(new FleetRig.Hand("consul"));
    result(fleet.start());
    HealthMonitor monitor =
        new HealthMonitor(
            rig.vertx,
            rig.context,
            fleet,
            rig.inquiry,
            new HeadraceConfig.Health(Duration.ofSeconds(1), Duration.ofSeconds(1), 3, 1),
            new Random(1));
    Future<Void> checked = monitor.start();
    Worker worker = fleet.current().workers().get("consul/b");
    assertThat(worker.unroutable()).isEqualTo("loading: not checked yet");
    eventually(() -> assertThat(rig.inquiry.checked(url(9002))).isPositive());
    rig.inquiry.letGo();
    result(checked);
    assertThat(worker.unroutable()).isNull();
    result(monitor.stop());
  }

  @Test
  void aSourceThatHangsAtItsStartDoesNotKeepTheWorkersAway() {
    firstLife();
    Promise<Void> never = Promise.promise();
    FleetDirectory fleet = directory(new FleetRig.Hand("consul", true, never.future()));
    Future<Void> start = fleet.start();
    eventually(() -> assertThat(fleet.current().workers()).hasSize(2));
    assertThat(start.isComplete()).isFalse();
    never.complete();
    result(start);
  }

  @Test
  void anEmptyListIsARealListAndReplacesTheLastKnownOne() {
    firstLife();
    FleetRig.Hand consul = new FleetRig.Hand("consul");
    FleetDirectory fleet = directory(consul);
    result(fleet.start());
    consul.report();
    eventually(() -> assertThat(fleet.current().workers()).isEmpty());
  }

  @Test
  void registeredWorkersNeedNotRegisterAnewAfterARestart() {
    EmbeddedRegistry first = new EmbeddedRegistry(Duration.ofMinutes(1), System::nanoTime);
    FleetDirectory before = directory(first);
    result(before.start());
    result(first.register(EmbeddedRegistryTest.registration("a", url(9001))));
    result(before.stop());

    EmbeddedRegistry second = new EmbeddedRegistry(Duration.ofMinutes(1), System::nanoTime);
    FleetDirectory after = directory(second);
    result(after.start());
    assertThat(after.current().workers()).containsOnlyKeys("embedded/a");
    assertThat(result(second.heartbeat("a", Registration.Beat.PASSING))).isTrue();
  }

  @Test
  void secretsAreNotWritten() throws Exception {
    firstLife();
    assertThat(Files.readString(file())).contains("\"zone\"").doesNotContain("canary-secret");
    assertThat(file().resolveSibling("fleet.json.new")).doesNotExist();
  }

  @Test
  void aDamagedFileIsLeftAsideWithALogLine() throws Exception {
    for (String text :
        List.of(
            "",
            "{",
            "[]",
            "{\"format\":99}",
            "{\"format\":1}",
            "{\"format\":1,\"salt\":\"s\",\"sources\":{\"consul\":{\"confirmed_at\":\"x\"}}}",
            "{\"format\":1,\"salt\":\"s\",\"sources\":{\"consul\":{\"confirmed_at\":"
                + "\"2026-01-01T00:00:00Z\",\"workers\":[{\"id\":\"a\"}]}}}",
            "{\"format\":1,\"salt\":\"s\",\"sources\":[]}")) {
      Files.createDirectories(file().getParent());
      Files.writeString(file(), text);
      FleetRig.Hand consul = new FleetRig.Hand("consul");
      FleetDirectory fleet = directory(consul);
      result(fleet.start());
      assertThat(fleet.current().workers()).as(text).isEmpty();
      consul.report(spec("consul", "a", 9001, "m"));
      eventually(() -> assertThat(fleet.current().workers()).hasSize(1));
      result(fleet.stop());
    }
    assertThat(Files.readString(file())).contains("\"salt\"");
  }

  @Test
  void aDiskThatCannotBeWrittenDoesNotHarmTheFleet() throws Exception {
    Files.createDirectories(file().getParent().getParent());
    Files.writeString(file().getParent(), "a file where the folder should be");
    FleetRig.Hand consul = new FleetRig.Hand("consul");
    FleetDirectory fleet = directory(consul);
    result(fleet.start());
    consul.report(spec("consul", "a", 9001, "m"));
    eventually(() -> assertThat(fleet.current().workers()).hasSize(1));
    result(fleet.stop());
  }
}

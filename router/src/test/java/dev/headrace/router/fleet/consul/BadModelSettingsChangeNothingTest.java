package dev.headrace.router.fleet.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.admission.Order;
import dev.headrace.router.config.AdmissionOverrides;
import dev.headrace.router.fleet.ModelSettingsPatch;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A slip of an operator's hand in the key-value store does no harm. */
class BadModelSettingsChangeNothingTest {
  private Vertx vertx;
  private FakeConsul consul;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    consul = new FakeConsul(vertx);
  }

  @AfterEach
  void stop() {
    FakeConsul.finish(vertx.close());
  }

  @Test
  void aGoodEntryIsReadWhole() throws Exception {
    ModelSettingsPatch patch =
        PatchReader.read(
            "{\"aliases\":[\"x\"],\"weights\":{\"w\":2},\"first-token-timeout\":\"1.5s\","
                + "\"idle-timeout\":\"300ms\",\"total-timeout\":\"2h\",\"policy\":\"session\","
                + "\"admission\":{\"max-queue\":5,\"max-wait\":\"20s\",\"order\":\"shortest-job-first\"}}");
    assertThat(patch)
        .isEqualTo(
            new ModelSettingsPatch(
                List.of("x"),
                Duration.ofMillis(1500),
                Duration.ofMillis(300),
                Duration.ofHours(2),
                "session",
                Map.of("w", 2.0),
                new AdmissionOverrides(5, Duration.ofSeconds(20), Order.SHORTEST_JOB_FIRST)));
    assertThat(PatchReader.read("{}"))
        .isEqualTo(
            new ModelSettingsPatch(
                null, null, null, null, null, Map.of(), AdmissionOverrides.NONE));
  }

  @Test
  void aPolicyThatDoesNotExistIsRefusedWithAGuess() {
    assertThatThrownBy(() -> PatchReader.read("{\"policy\":\"least-laod\"}"))
        .hasMessageContaining("policy is least-laod, expected one of least-load, least-requests")
        .hasMessageEndingWith("did you mean least-load?");
    assertThatThrownBy(() -> PatchReader.read("{\"policy\":7}"))
        .hasMessageContaining("policy is 7, expected one of");
  }

  @Test
  void everyMistakeIsNamed() {
    assertThatThrownBy(
            () ->
                PatchReader.read(
                    "{\"alias\":[],\"aliases\":\"x\",\"weights\":{\"w\":0},\"idle-timeout\":30}"))
        .hasMessageContaining("unknown field 'alias'")
        .hasMessageContaining("aliases is x, expected a list")
        .hasMessageContaining("weights.w is 0, expected a number above 0")
        .hasMessageContaining("idle-timeout is 30, expected a duration");
    assertThatThrownBy(() -> PatchReader.read("[1]")).hasMessage("expected a JSON object");
    assertThatThrownBy(() -> PatchReader.read("{")).hasMessage("expected a JSON object");
    assertThatThrownBy(() -> PatchReader.read("")).hasMessage("expected a JSON object");
  }

  @Test
  void limitsThatCannotBeAreRefused() {
    assertThatThrownBy(
            () ->
                PatchReader.read(
                    "{\"admission\":{\"max-queue\":-1,\"max-wait\":\"2h\",\"order\":\"fifo\",\"maxqueue\":1}}"))
        .hasMessageContaining("admission.max-queue is -1, expected a whole number, 0 to 1000000")
        .hasMessageContaining("admission.max-wait is 2h, expected a duration above 0")
        .hasMessageContaining("admission.order is fifo, expected one of fcfs, shortest-job-first")
        .hasMessageContaining("admission.maxqueue is 1, expected no such field")
        .hasMessageContaining("did you mean max-queue?");
    assertThatThrownBy(() -> PatchReader.read("{\"admission\":5}"))
        .hasMessageContaining("admission is 5, expected an object");
    assertThatThrownBy(() -> PatchReader.read("{\"weights\":{\"w\":-1,\"v\":2000000}}"))
        .hasMessageContaining("weights.w is -1, expected a number above 0")
        .hasMessageContaining("weights.v is 2000000, expected a number above 0, at most 1000000");
    assertThatThrownBy(
            () ->
                PatchReader.read(
                    "{\"first-token-timeout\":\"9h\",\"idle-timeout\":\"0s\",\"total-timeout\":\"9d\"}"))
        .hasMessageContaining("first-token-timeout is 9h")
        .hasMessageContaining("at most 1h")
        .hasMessageContaining("idle-timeout is 0s")
        .hasMessageContaining("total-timeout is 9d");
    assertThatThrownBy(
            () -> PatchReader.read("{\"first-token-timeout\":\"30s\",\"total-timeout\":\"20s\"}"))
        .hasMessage("total-timeout is 20s, expected at least the first-token-timeout");
  }

  @Test
  void aBadEntryKeepsItsLastGoodValueAndOthersApply() {
    List<Map<String, ModelSettingsPatch>> seen = new CopyOnWriteArrayList<>();
    ConsulModelSettings settings =
        new ConsulModelSettings(
            vertx, consul.config("llm"), seen::add, System::nanoTime, new Random(3));
    FakeConsul.finish(settings.start());
    try {
      assertThat(seen).containsExactly(Map.of());
      await().atMost(Watched.LIMIT).until(() -> consul.isWaitedFor(FakeConsul.SETTINGS));
      consul.settings(5, Map.of("org/m", "{\"aliases\":[\"a\"],\"policy\":\"random\"}"));
      await().atMost(Watched.LIMIT).until(() -> last(seen).containsKey("org/m"));
      consul.settings(
          6, Map.of("org/m", "{\"policy\":\"rndom\"}", "n", "{\"idle-timeout\":\"5s\"}", "f/", ""));
      await().atMost(Watched.LIMIT).until(() -> last(seen).containsKey("n"));
      assertThat(last(seen)).containsOnlyKeys("org/m", "n");
      assertThat(last(seen).get("org/m").aliases()).containsExactly("a");
      assertThat(last(seen).get("org/m").policy()).isEqualTo("random");

      consul.failing(true);
      consul.failing(false);
      consul.settings(7, Map.of());
      await().atMost(Watched.LIMIT).until(() -> last(seen).isEmpty());
    } finally {
      FakeConsul.finish(settings.stop());
    }
  }

  private static Map<String, ModelSettingsPatch> last(List<Map<String, ModelSettingsPatch>> seen) {
    return seen.get(seen.size() - 1);
  }
}

package dev.headrace.worker.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Endpoint;
import dev.headrace.worker.Engine;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.engine.Engines;
import dev.headrace.worker.load.WorkerLoad;
import dev.headrace.worker.probe.EngineProbe;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the project knows of real engines also holds for the simulated ones. */
class EngineProbeReadsSimulatedEnginesTest {
  private static final Sims SIMS = new Sims();
  private static EngineProbe probe;

  @BeforeAll
  static void open() {
    probe = new EngineProbe(SIMS.vertx, Duration.ofSeconds(10));
  }

  @AfterAll
  static void close() throws Exception {
    SIMS.close();
  }

  private static <T> T result(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static Engine engine(String id) {
    return Objects.requireNonNull(Engines.byId(id));
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void an_unnamed_worker_is_recognised_and_described(String id) throws Exception {
    SimulatedWorker worker =
        SIMS.start(SimOptions.of(id).instant().withModels("org/m-1").withSlots(7));
    WorkerProfile profile = result(probe.describe(WorkerAddress.parse(worker.url()), null, null));
    assertThat(profile.engine()).isEqualTo(id);
    assertThat(profile.modelNames()).containsExactly("org/m-1");
    switch (id) {
      case "llamacpp", "sglang" -> assertThat(profile.maxConcurrency()).isEqualTo(7);
      case "tgi" -> assertThat(profile.maxConcurrency()).isEqualTo(128);
      default -> assertThat(profile.models().get(0).maxModelLen()).isEqualTo(8192);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void health_is_read_in_both_states(String id) throws Exception {
    SimulatedWorker worker = SIMS.start(SimOptions.of(id).instant());
    WorkerAddress address = WorkerAddress.parse(worker.url());
    assertThat(result(probe.health(address, engine(id), null))).isEqualTo(WorkerHealth.READY);
    SIMS.faults(worker, SimFaults.with("not_ready", true));
    assertThat(result(probe.health(address, engine(id), null)).ready()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void load_is_what_the_engine_runs_and_lets_wait(String id) throws Exception {
    SimulatedWorker worker =
        SIMS.start(SimOptions.of(id).withDecode(5).withSlots(2).withOutputTokens(4000));
    WorkerAddress address = WorkerAddress.parse(worker.url());
    try (RawExchange one = new RawExchange(worker);
        RawExchange two = new RawExchange(worker);
        RawExchange three = new RawExchange(worker)) {
      one.post("/v1/chat/completions", Sims.streamed("one"));
      two.post("/v1/chat/completions", Sims.streamed("two"));
      three.post("/v1/chat/completions", Sims.streamed("three"));
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> worker.stats().waiting() == 1);
      WorkerLoad load = result(probe.load(address, engine(id), null));
      assertThat(load.running()).isEqualTo(2);
      if (!id.equals("llamacpp") || load.waiting() != WorkerLoad.UNKNOWN) {
        assertThat(load.waiting()).isEqualTo(1);
      }
    }
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> worker.stats().running() == 0);
    assertThat(result(probe.load(address, engine(id), null)).running()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void refusals_mean_what_they_are(String id) throws Exception {
    SimulatedWorker worker =
        SIMS.start(SimOptions.of(id).instant().withContextTokens(50).withApiKey("k"));
    JsonObject tooLong = Sims.chat("long ".repeat(100));
    String path = "/v1/chat/completions";
    assertThat(kind(id, SIMS.post(worker, path, tooLong, "authorization", "Bearer k")))
        .isEqualTo(FailureKind.CONTEXT_TOO_LONG);
    assertThat(kind(id, SIMS.post(worker, path, Sims.chat("hi"))))
        .isEqualTo(FailureKind.BAD_CREDENTIAL);
    assertThat(
            kind(
                id,
                SIMS.post(
                    worker,
                    path,
                    new JsonObject().put("messages", "none"),
                    "authorization",
                    "Bearer k")))
        .isEqualTo(FailureKind.BAD_REQUEST);
    SIMS.faults(worker, SimFaults.with("fail_status", 503));
    assertThat(kind(id, SIMS.post(worker, path, Sims.chat("hi"), "authorization", "Bearer k")))
        .matches(FailureKind::retryable);
  }

  private static FailureKind kind(String id, HttpResponse<String> response) {
    return engine(id).failure(response.statusCode(), response.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void every_endpoint_that_an_engine_serves_is_simulated(String id) throws Exception {
    SimulatedWorker worker = SIMS.start(SimOptions.of(id).instant());
    for (Endpoint endpoint : Endpoint.values()) {
      String path = engine(id).pathOf(endpoint);
      if (path == null) {
        continue;
      }
      if (path.startsWith("/v1/audio")) {
        assertThat(SimDialect.of(worker.options()).routes()).containsKey("POST " + path);
        continue;
      }
      JsonObject body =
          Sims.chat("hi")
              .put("prompt", "hi")
              .put("input", "hi")
              .put("inputs", "hi")
              .put("content", "hi")
              .put("tokens", new JsonArray().add(1))
              .put("query", "q")
              .put("documents", new JsonArray().add("d"))
              .put("items", new JsonArray().add("d"))
              .put("text_1", "a")
              .put("text_2", "b")
              .put("max_tokens", 5);
      HttpResponse<String> response = SIMS.post(worker, path, body);
      assertThat(response.statusCode())
          .as(path + " of " + id + ": " + response.body())
          .isEqualTo(200);
    }
  }
}

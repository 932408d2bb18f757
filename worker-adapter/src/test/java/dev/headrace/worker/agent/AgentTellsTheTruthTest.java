package dev.headrace.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerHealth;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What routers are told is what the engine is, at each moment of its life. */
class AgentTellsTheTruthTest {
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final FakeEngine engine = new FakeEngine();
  private Vertx vertx;
  private FakeRegistry registry;
  private WorkerAgent agent;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    registry = new FakeRegistry(vertx);
  }

  @AfterEach
  void close() {
    FakeRegistry.finish(vertx.close());
  }

  @Test
  void anEngineIsRegisteredWithItsModelsAndLimits() {
    engine.models = List.of("m", "lora");
    start();
    until(() -> "passing".equals(registry.status("w1")));
    JsonObject worker = registry.workers.get("w1");
    assertThat(worker.getString("url")).isEqualTo("http://10.0.0.7:8000");
    assertThat(worker.getString("engine")).isEqualTo("vllm");
    assertThat(worker.getInteger("max_concurrency")).isEqualTo(8);
    assertThat(worker.getDouble("weight")).isEqualTo(2.0);
    assertThat(worker.getJsonArray("models"))
        .isEqualTo(
            new JsonArray()
                .add(new JsonObject().put("id", "m"))
                .add(new JsonObject().put("id", "lora")));
    assertThat(worker.getJsonObject("meta"))
        .isEqualTo(new JsonObject().put("zone", "z").put("version", "1.0"));
    until(() -> said.stream().anyMatch(line -> line.startsWith("registered as w1")));
    assertThat(said).anyMatch(line -> line.startsWith("found vllm 1.0"));
  }

  @Test
  void anEngineThatIsNotThereYetIsWaitedForAndNotRegistered() {
    engine.there = false;
    start();
    until(() -> said.stream().anyMatch(line -> line.startsWith("waiting for the engine")));
    assertThat(registry.calls).isEmpty();
    engine.there = true;
    until(() -> "passing".equals(registry.status("w1")));
  }

  @Test
  void loadingAndDownAreNotPassing() {
    start();
    until(() -> "passing".equals(registry.status("w1")));
    engine.health = WorkerHealth.loading("Loading model");
    until(() -> "critical".equals(registry.status("w1")));
    assertThat(registry.workers.get("w1").getString("reason")).isEqualTo("loading");
    engine.health = WorkerHealth.READY;
    until(() -> "passing".equals(registry.status("w1")));
    engine.there = false;
    until(() -> "critical".equals(registry.status("w1")));
    assertThat(registry.workers.get("w1").getString("reason")).contains("connection refused");
    engine.there = true;
    until(() -> "passing".equals(registry.status("w1")));
  }

  @Test
  void aFaultOfTheAgentIsNotHeldAgainstTheEngine() {
    start();
    until(() -> "passing".equals(registry.status("w1")));
    engine.askable = false;
    int asked = engine.healthAsked.get();
    until(() -> engine.healthAsked.get() > asked + 5);
    assertThat(registry.status("w1")).isEqualTo("passing");
    engine.askable = true;
    engine.there = false;
    until(() -> "critical".equals(registry.status("w1")));
  }

  @Test
  void modelsThatAppearAndVanishAreFollowed() {
    start();
    until(() -> "passing".equals(registry.status("w1")));
    engine.models = List.of("m", "adapter");
    until(() -> registry.workers.get("w1").getJsonArray("models").size() == 2);
    engine.models = List.of("adapter");
    until(() -> registry.workers.get("w1").getJsonArray("models").size() == 1);
    assertThat(said).contains("models changed: now also adapter", "models changed: no longer m");
  }

  @Test
  void aRegistryThatForgotIsToldAgain() {
    start();
    until(() -> "passing".equals(registry.status("w1")));
    registry.forget();
    until(() -> "passing".equals(registry.status("w1")));
    until(() -> said.stream().anyMatch(line -> line.startsWith("registered again")));
  }

  @Test
  void aRegistryThatIsAwayIsTriedOnAndThatIsSaidOnce() {
    registry.close();
    start();
    until(() -> said.stream().anyMatch(line -> line.contains("does not answer")));
    await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(20)).until(() -> true);
    registry.open();
    until(() -> "passing".equals(registry.status("w1")));
    assertThat(said.stream().filter(line -> line.contains("does not answer"))).hasSize(1);
  }

  @Test
  void aDrainLetsRunningRequestsFinishAndThenTakesTheWorkerOff() {
    engine.running = 3;
    start();
    until(() -> "passing".equals(registry.status("w1")));
    Future<Void> drained = agent.drain();
    until(() -> "draining".equals(registry.status("w1")));
    engine.models = List.of("later");
    await()
        .during(Duration.ofMillis(1500))
        .atMost(Duration.ofSeconds(20))
        .until(() -> !drained.isComplete() && "draining".equals(registry.status("w1")));
    engine.running = 0;
    FakeRegistry.finish(drained);
    assertThat(registry.workers).isEmpty();
    assertThat(registry.calls).endsWith("DELETE /admin/v1/workers/w1");
    assertThat(said).contains("drained: the engine is idle");
  }

  @Test
  void aDrainEndsAtItsDeadline() {
    engine.running = 1;
    start(Duration.ofMillis(1200), "secret");
    until(() -> "passing".equals(registry.status("w1")));
    FakeRegistry.finish(agent.drain());
    assertThat(registry.workers).isEmpty();
    assertThat(said).contains("the time to drain is over");
  }

  @Test
  void aRefusedTokenIsSaidWithItsReason() {
    start(Duration.ofSeconds(20), "wrong");
    until(() -> said.stream().anyMatch(line -> line.contains("refuses (status 401")));
    assertThat(said).noneMatch(line -> line.contains("wrong"));
    FakeRegistry.finish(agent.drain());
    assertThat(said).contains("stopped; it was never registered");
  }

  private void start() {
    start(Duration.ofSeconds(20), "secret");
  }

  private void start(Duration drainTimeout, String token) {
    AgentOptions options =
        new AgentOptions(
            "w1",
            WorkerAddress.parse("http://127.0.0.1:1"),
            WorkerAddress.parse("http://10.0.0.7:8000"),
            null,
            null,
            null,
            2,
            Map.of("zone", "z"),
            null,
            null,
            drainTimeout,
            Duration.ofSeconds(5),
            Duration.ofMillis(50),
            Duration.ofMillis(100));
    agent =
        new WorkerAgent(
            vertx,
            options,
            engine,
            new RouterRegistration(vertx, WorkerAddress.parse(registry.url()), token),
            said::add,
            line -> {},
            System::nanoTime,
            new Random(5));
    FakeRegistry.finish(agent.start());
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(20)).until(condition);
  }
}

package dev.headrace.worker.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Engine;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.engine.Engines;
import dev.headrace.worker.load.WorkerLoad;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The probe asks in few questions what a worker is, how it is and how busy it is. */
class ProbeAsksAWorkerTest {

  private Vertx vertx;
  private EngineProbe probe;
  private ScriptedServer server;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    probe = new EngineProbe(vertx, Duration.ofSeconds(20));
    server = new ScriptedServer(vertx);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    await(probe.close());
    await(vertx.close());
  }

  @Test
  void a_worker_of_an_engine_that_nobody_named_is_described() throws Exception {
    server
        .on("/v1/models", 200, "{\"data\":[{\"id\":\"m\",\"owned_by\":\"llamacpp\"}]}")
        .on("/props", 200, "{\"total_slots\":4,\"build_info\":\"b10573\"}");

    WorkerProfile profile = await(probe.describe(server.address(), null, null));

    assertThat(profile.engine()).isEqualTo("llamacpp");
    assertThat(profile.modelNames()).containsExactly("m");
    assertThat(profile.maxConcurrency()).isEqualTo(4);
    assertThat(profile.version()).isEqualTo("b10573");
    assertThat(server.asked()).containsExactly("/v1/models", "/props");
  }

  @Test
  void health_and_load_are_read() throws Exception {
    server
        .on("/health", 200, "")
        .on("/metrics", 200, "vllm:num_requests_running{engine=\"0\"} 3\n");
    Engine vllm = Engines.byId("vllm");

    assertThat(await(probe.health(server.address(), vllm, null))).isEqualTo(WorkerHealth.READY);
    WorkerLoad load = await(probe.load(server.address(), vllm, null));

    assertThat(load.running()).isEqualTo(3);
    assertThat(load.waiting()).isEqualTo(WorkerLoad.UNKNOWN);
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}

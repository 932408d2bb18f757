package dev.headrace.worker.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Engine;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.engine.Engines;
import dev.headrace.worker.load.WorkerLoad;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

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

  @Test
  void every_engine_is_described_from_its_own_answers() throws Exception {
    Map<String, Map<String, String>> answers =
        Map.of(
            "vllm", Map.of("/v1/models", "models.json", "/version", "profile/version.json"),
            "tgi", Map.of("/v1/models", "models.json", "/info", "profile/info.json"),
            "llamacpp", Map.of("/v1/models", "models.json", "/props", "profile/props.json"),
            "sglang",
                Map.of("/v1/models", "models.json", "/server_info", "profile/server_info.json"),
            "trtllm", Map.of("/v1/models", "models.json", "/version", "profile/version.json"),
            "openai", Map.of("/v1/models", "models.json"));
    for (String id : Engines.ids()) {
      ScriptedServer worker = new ScriptedServer(vertx);
      for (Map.Entry<String, String> answer : answers.get(id).entrySet()) {
        Path file = Path.of("src/test/resources/fixtures", id, answer.getValue());
        worker.on(answer.getKey(), 200, Files.readString(file));
      }

      WorkerProfile detected = await(probe.describe(worker.address(), null, null));
      WorkerProfile told = await(probe.describe(worker.address(), Engines.byId(id), null));

      assertThat(detected).isEqualTo(told);
      assertThat(detected.engine()).isEqualTo(id);
      assertThat(detected.models()).isNotEmpty();
      assertThat(detected.version() == null).isEqualTo(id.equals("openai"));
      worker.close();
    }
  }

  @Test
  void what_the_engine_does_not_tell_hinders_nobody() throws Exception {
    server
        .on("/v1/models", 200, "{\"data\":[{\"id\":\"m\"}]}")
        .on("/version", 500, "{\"version\":\"lies\"}");

    WorkerProfile profile = await(probe.describe(server.address(), Engines.byId("vllm"), null));

    assertThat(profile.version()).isNull();
    assertThat(profile.maxConcurrency()).isNull();
    assertThat(profile.modelNames()).containsExactly("m");
  }

  @Test
  void an_older_path_is_asked_only_when_the_newer_one_tells_nothing() throws Exception {
    server
        .on("/v1/models", 200, "{\"data\":[{\"id\":\"m\",\"owned_by\":\"sglang\"}]}")
        .on("/get_server_info", 200, "{\"version\":\"0.4.6\",\"max_running_requests\":8}");

    WorkerProfile profile = await(probe.describe(server.address(), null, null));

    assertThat(profile.version()).isEqualTo("0.4.6");
    assertThat(profile.maxConcurrency()).isEqualTo(8);
    assertThat(server.asked()).containsExactly("/v1/models", "/server_info", "/get_server_info");
  }

  @Test
  void the_base_path_stands_before_every_path_and_the_key_goes_with_every_question()
      throws Exception {
    server
        .on("/a/b/v1/models", 200, "{\"data\":[{\"id\":\"m\",\"owned_by\":\"vllm\"}]}")
        .on("/a/b/health", 200, "")
        .on("/a/b/version", 200, "{}")
        .on("/a/b/metrics", 200, "vllm:num_requests_running 1\n");
    Engine vllm = Engines.byId("vllm");

    await(probe.describe(server.address("/a/b"), null, "k1"));
    await(probe.health(server.address("/a/b/"), vllm, "k1"));
    await(probe.load(server.address("/a/b/v1"), vllm, "k1"));

    assertThat(server.asked())
        .containsExactly("/a/b/v1/models", "/a/b/version", "/a/b/health", "/a/b/metrics");
    assertThat(server.credentials()).containsOnly("Bearer k1");
  }

  @Test
  void an_ipv6_worker_gets_a_host_header_with_brackets() throws Exception {
    ScriptedServer six;
    try {
      six = new ScriptedServer(vertx, "::1");
    } catch (ExecutionException e) {
      throw new TestAbortedException("no IPv6 loopback on this machine", e);
    }
    await(probe.health(six.address(), Engines.byId("vllm"), null));

    assertThat(six.hosts()).containsExactly(six.address().authority());
    six.close();
  }

  @Test
  void no_credential_is_sent_when_there_is_none() throws Exception {
    await(probe.health(server.address(), Engines.byId("vllm"), null));

    assertThat(server.credentials()).containsExactly("");
  }

  @Test
  void the_reader_that_told_something_is_asked_first_from_then_on() throws Exception {
    Engine llama = Engines.byId("llamacpp");
    server
        .on("/metrics", 501, "{\"error\":{\"type\":\"not_supported_error\"}}")
        .on("/slots", 200, "[{\"id\":0,\"is_processing\":true}]");

    assertThat(await(probe.load(server.address(), llama, null)).running()).isEqualTo(1);
    assertThat(await(probe.load(server.address(), llama, null)).running()).isEqualTo(1);
    assertThat(server.asked()).containsExactly("/metrics", "/slots", "/slots");

    server.on("/slots", 501, "").on("/metrics", 200, "llamacpp:requests_processing 2\n");
    assertThat(await(probe.load(server.address(), llama, null)).running()).isEqualTo(2);
    assertThat(await(probe.load(server.address(), llama, null)).running()).isEqualTo(2);
    assertThat(server.asked())
        .containsExactly("/metrics", "/slots", "/slots", "/slots", "/metrics", "/metrics");
  }

  @Test
  void many_workers_are_asked_at_once_from_any_thread() throws Exception {
    server.on("/health", 200, "");
    Engine vllm = Engines.byId("vllm");
    List<Future<WorkerHealth>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(probe.health(server.address(), vllm, null));
    }
    for (Future<WorkerHealth> answer : answers) {
      assertThat(await(answer)).isEqualTo(WorkerHealth.READY);
    }
  }

  @Test
  void a_future_completes_on_the_context_of_its_caller() throws Exception {
    server.on("/health", 200, "");
    Context context = vertx.getOrCreateContext();
    Promise<Boolean> same = Promise.promise();
    context.runOnContext(
        start ->
            probe
                .health(server.address(), Engines.byId("vllm"), null)
                .onComplete(done -> same.complete(Vertx.currentContext() == context)));

    assertThat(await(same.future())).isTrue();
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}

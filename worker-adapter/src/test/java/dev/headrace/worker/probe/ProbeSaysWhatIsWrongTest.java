package dev.headrace.worker.probe;

import static dev.headrace.worker.probe.ProbeAsksAWorkerTest.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.headrace.worker.Engine;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.engine.Engines;
import dev.headrace.worker.load.WorkerLoad;
import dev.headrace.worker.probe.ProbeException.Fault;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever a worker does wrong, the probe ends in time and says it in one clause. */
class ProbeSaysWhatIsWrongTest {

  private static final String LIST = "{\"data\":[{\"id\":\"m\",\"owned_by\":\"vllm\"}]}";
  private static final Engine VLLM = Engines.byId("vllm");
  private static final Engine SGLANG = Engines.byId("sglang");

  private Vertx vertx;
  private EngineProbe probe;
  private EngineProbe impatient;
  private ScriptedServer server;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    probe = new EngineProbe(vertx, Duration.ofSeconds(20));
    impatient = new EngineProbe(vertx, Duration.ofMillis(300));
    server = new ScriptedServer(vertx);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    await(probe.close());
    await(impatient.close());
    await(vertx.close());
  }

  @Test
  void nothing_listens() throws Exception {
    WorkerAddress address = freeAddress();

    assertRefused(probe, address, Fault.UNREACHABLE, "connection refused");
    WorkerHealth health = await(probe.health(address, VLLM, null));
    assertThat(health).isEqualTo(WorkerHealth.down("connection refused"));
    assertThat(await(probe.load(address, VLLM, null)).known()).isFalse();
  }

  @Test
  void no_such_host() throws Exception {
    ProbeException failure =
        failure(probe, WorkerAddress.parse("http://no-such-host.invalid:1"), null);

    assertThat(failure.fault()).isEqualTo(Fault.UNREACHABLE);
    assertThat(failure.reason()).isEqualTo("its host name cannot be resolved");
  }

  @Test
  void it_never_answers() throws Exception {
    server.on("/v1/models", request -> {}).on("/health", request -> {});

    assertRefused(impatient, server.address(), Fault.TIMED_OUT, "no answer within 300 ms");
    assertThat(await(impatient.health(server.address(), VLLM, null)))
        .isEqualTo(WorkerHealth.down("no answer within 300 ms"));
  }

  @Test
  void its_body_stalls_and_the_connection_is_given_up() throws Exception {
    boolean[] closed = {false};
    server.on(
        "/v1/models",
        request -> {
          request.connection().closeHandler(gone -> closed[0] = true);
          request.response().setChunked(true).write("{\"data\":[");
        });

    assertRefused(impatient, server.address(), Fault.TIMED_OUT, "no answer within 300 ms");
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> closed[0]);
  }

  @Test
  void it_answers_without_end() throws Exception {
    Buffer part = Buffer.buffer(new byte[1 << 20]);
    server.on(
        "/v1/models",
        request -> {
          request.response().setChunked(true);
          for (int i = 0; i < 8; i++) {
            request.response().write(part);
          }
        });

    assertRefused(probe, server.address(), Fault.UNREADABLE, "answered more than 4 MiB");
  }

  @Test
  void it_asks_for_a_key_or_refuses_the_one_it_got() throws Exception {
    server.on("/v1/models", 401, "{\"error\":\"Unauthorized\"}");

    assertRefused(
        probe,
        server.address(),
        Fault.CREDENTIAL,
        "answered 401 to GET /v1/models: it asks for an API key");
    assertThat(failure(probe, server.address(), "wrong").reason())
        .isEqualTo("answered 401 to GET /v1/models: it refuses the API key");
  }

  @Test
  void a_key_that_no_header_may_hold_is_never_sent_and_never_shown() throws Exception {
    ProbeException failure = failure(probe, server.address(), "secret\r\nHost: evil");

    assertThat(failure.fault()).isEqualTo(Fault.CREDENTIAL);
    assertThat(failure.reason()).doesNotContain("secret").doesNotContain("evil");
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void it_still_loads() throws Exception {
    String loading =
        "{\"error\":{\"message\":\"Loading model\",\"type\":\"unavailable_error\",\"code\":503}}";
    server.on("/v1/models", 503, loading).on("/health", 503, loading);

    assertRefused(
        probe, server.address(), Fault.NOT_READY, "is still loading its model (llamacpp)");
    assertThat(await(probe.health(server.address(), Engines.byId("llamacpp"), null)).state())
        .isEqualTo(WorkerHealth.State.LOADING);
  }

  @Test
  void it_is_a_web_server() throws Exception {
    server.on("/v1/models", 200, "<html></html>");

    assertRefused(
        probe, server.address(), Fault.UNREADABLE, "its answer to GET /v1/models is no model list");
  }

  @Test
  void it_has_no_model_list() throws Exception {
    assertRefused(probe, server.address(), Fault.UNREADABLE, "answered 404 to GET /v1/models");
  }

  @Test
  void its_model_list_is_empty() throws Exception {
    server.on("/v1/models", 200, "{\"object\":\"list\",\"data\":[]}");

    assertRefused(
        probe, server.address(), Fault.UNREADABLE, "its answer to GET /v1/models names no model");
  }

  @Test
  void it_does_not_speak_http() throws Exception {
    NetServer chatter =
        await(
            vertx
                .createNetServer()
                .connectHandler(socket -> socket.write("220 mail ready\r\n\r\n"))
                .listen(0, "127.0.0.1"));
    WorkerAddress address = WorkerAddress.parse("http://127.0.0.1:" + chatter.actualPort());

    assertRefused(probe, address, Fault.UNREADABLE, "does not speak HTTP");
    await(chatter.close());
  }

  @Test
  void it_closes_instead_of_answering() throws Exception {
    server.on("/v1/models", request -> request.connection().close());

    assertRefused(
        probe, server.address(), Fault.UNREACHABLE, "closed the connection instead of an answer");
  }

  @Test
  void it_speaks_no_tls() throws Exception {
    WorkerAddress address =
        WorkerAddress.parse(server.address().url().replace("http://", "https://"));

    ProbeException failure = failure(probe, address, null);
    assertThat(failure.fault()).isEqualTo(Fault.UNREACHABLE);
    assertThat(failure.reason()).startsWith("the TLS handshake failed");
  }

  @Test
  void a_redirect_is_an_answer_and_is_not_followed() throws Exception {
    server.on(
        "/v1/models",
        request ->
            request
                .response()
                .setStatusCode(302)
                .putHeader("Location", server.address().url() + "/elsewhere")
                .end());

    assertThat(failure(probe, server.address(), null).reason())
        .isEqualTo("answered 302 to GET /v1/models");
    assertThat(server.asked()).doesNotContain("/elsewhere");
  }

  @Test
  void a_kept_connection_that_the_worker_gave_up_is_replaced() throws Exception {
    int[] asked = {0};
    server.on(
        "/v1/models",
        request -> {
          asked[0]++;
          if (asked[0] == 2) {
            request.connection().close();
          } else {
            request.response().end(LIST);
          }
        });

    await(probe.describe(server.address(), VLLM, null));
    assertThat(await(probe.describe(server.address(), VLLM, null)).modelNames())
        .containsExactly("m");
    assertThat(asked[0]).isEqualTo(3);
  }

  @Test
  void health_that_waits_behind_work_is_not_taken_for_death() throws Exception {
    server.on("/health", request -> {}).on("/ping", 200, "");

    assertThat(await(impatient.health(server.address(), SGLANG, null)))
        .isEqualTo(WorkerHealth.READY);
    server.on("/ping", request -> {});
    assertThat(await(impatient.health(server.address(), SGLANG, null)))
        .isEqualTo(WorkerHealth.down("no answer within 300 ms"));
  }

  @Test
  void load_that_nobody_tells_is_unknown() throws Exception {
    server.on("/v1/loads?include=core", 200, "<html>").on("/metrics", 200, "\u0000");

    WorkerLoad load = await(probe.load(server.address(), SGLANG, null));

    assertThat(load.known()).isFalse();
    assertThat(server.asked()).containsExactly("/v1/loads?include=core", "/metrics");
  }

  @Test
  void closing_ends_what_is_being_asked() throws Exception {
    server.on("/v1/models", request -> {});
    EngineProbe closing = new EngineProbe(vertx, Duration.ofSeconds(60));
    var description = closing.describe(server.address(), null, null);
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !server.asked().isEmpty());

    await(closing.close());

    assertThat(catchThrowable(() -> await(description)))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("was not asked: the probe is closed");
  }

  private static void assertRefused(
      EngineProbe probe, WorkerAddress address, Fault fault, String reason) throws Exception {
    ProbeException failure = failure(probe, address, null);
    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.fault()).isEqualTo(fault);
  }

  private static ProbeException failure(EngineProbe probe, WorkerAddress address, String key)
      throws Exception {
    Throwable failure = catchThrowable(() -> await(probe.describe(address, null, key)));
    assertThat(failure).isInstanceOf(ExecutionException.class);
    assertThat(failure.getCause()).isInstanceOf(ProbeException.class);
    return (ProbeException) failure.getCause();
  }

  private static WorkerAddress freeAddress() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return WorkerAddress.parse("http://127.0.0.1:" + socket.getLocalPort());
    }
  }
}

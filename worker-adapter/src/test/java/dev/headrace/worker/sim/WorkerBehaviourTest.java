package dev.headrace.worker.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A simulated engine counts what it did, keeps its limits, and notices who left. */
class WorkerBehaviourTest {
  private static final Sims SIMS = new Sims();
  private static final String CHAT = "/v1/chat/completions";

  @AfterAll
  static void close() throws Exception {
    SIMS.close();
  }

  private static SimOptions slow(String engine) {
    return SimOptions.of(engine).withDecode(20).withOutputTokens(4000);
  }

  private static void await(java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(condition);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "tgi", "llamacpp", "sglang"})
  void a_client_that_leaves_stops_the_work_for_it(String engine) throws Exception {
    SimulatedWorker worker = SIMS.start(slow(engine));
    try (RawExchange raw = new RawExchange(worker)) {
      raw.post(CHAT, Sims.streamed("hi"));
      raw.readUntil("\"content\":\"");
      assertThat(worker.stats().running()).isEqualTo(1);
    }
    try (RawExchange raw = new RawExchange(worker)) {
      raw.post(CHAT, Sims.chat("not streamed"));
      await(() -> worker.stats().peakInFlight() > 0 && worker.stats().running() > 0);
    }
    await(() -> worker.stats().aborted() == 2 && worker.stats().running() == 0);
    assertThat(worker.stats().tokensAfterAbort()).isZero();
    assertThat(worker.stats().completed()).isZero();
    await(() -> worker.stats().connections() == 0);
  }

  @Test
  void an_engine_that_notices_late_generates_on() throws Exception {
    SimulatedWorker worker = SIMS.start(slow("sglang").withDecode(200).withAbortDelay(500));
    try (RawExchange raw = new RawExchange(worker)) {
      raw.post(CHAT, Sims.streamed("hi"));
      raw.readUntil("\"content\":\"");
    }
    await(() -> worker.stats().aborted() == 1 && worker.stats().running() == 0);
    assertThat(worker.stats().tokensAfterAbort()).isPositive();
  }

  @Test
  void tgi_refuses_with_429_beyond_its_limit_and_in_a_stream_with_an_event() throws Exception {
    SimulatedWorker worker = SIMS.start(slow("tgi").withAdmissionLimit(1));
    try (RawExchange raw = new RawExchange(worker)) {
      raw.post(CHAT, Sims.streamed("hi"));
      raw.readUntil("\"content\":\"");
      HttpResponse<String> whole = SIMS.post(worker, CHAT, Sims.chat("hi"));
      assertThat(whole.statusCode()).isEqualTo(429);
      assertThat(whole.body()).contains("\"error_type\":\"overloaded\"");
      HttpResponse<String> stream = SIMS.post(worker, CHAT, Sims.streamed("hi"));
      assertThat(stream.statusCode()).isEqualTo(200);
      assertThat(stream.body())
          .contains("{\"message\":\"Model is overloaded\",\"http_status_code\":422}");
    }
  }

  @Test
  void sglang_refuses_with_503_when_its_queue_is_full() throws Exception {
    SimulatedWorker worker = SIMS.start(slow("sglang").withSlots(1).withAdmissionLimit(1));
    try (RawExchange running = new RawExchange(worker);
        RawExchange waiting = new RawExchange(worker)) {
      running.post(CHAT, Sims.streamed("hi"));
      running.readUntil("\"content\":\"");
      waiting.post(CHAT, Sims.streamed("hi"));
      await(() -> worker.stats().waiting() == 1);
      assertThat(SIMS.post(worker, CHAT, Sims.chat("hi")).statusCode()).isEqualTo(503);
      HttpResponse<String> stream = SIMS.post(worker, CHAT, Sims.streamed("hi"));
      assertThat(stream.statusCode()).isEqualTo(200);
      assertThat(stream.body()).contains("SERVICE_UNAVAILABLE").contains("[DONE]");
    }
  }

  @Test
  void heads_come_when_each_engine_sends_them() throws Exception {
    for (String engine : SimOptions.ENGINES) {
      SimulatedWorker worker = SIMS.start(slow(engine).withSlots(1).withDecode(10));
      try (RawExchange running = new RawExchange(worker);
          RawExchange queued = new RawExchange(worker)) {
        running.post(CHAT, Sims.streamed("hi"));
        running.readUntil("\"content\":\"");
        queued.post(CHAT, Sims.streamed("hi"));
        await(() -> worker.stats().waiting() == 1);
        if (engine.equals("vllm") || engine.equals("tgi")) {
          assertThat(queued.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
        } else {
          queued.expectSilence(Duration.ofMillis(300));
        }
      }
    }
  }

  @Test
  void a_repeated_prompt_is_told_as_cached() throws Exception {
    SimulatedWorker worker = SIMS.start(SimOptions.of("vllm").instant());
    JsonObject body = Sims.chat("some shared beginning ".repeat(40));
    SIMS.post(worker, CHAT, body);
    JsonObject usage = new JsonObject(SIMS.post(worker, CHAT, body).body()).getJsonObject("usage");
    int prompt = usage.getInteger("prompt_tokens");
    int cached = usage.getJsonObject("prompt_tokens_details").getInteger("cached_tokens");
    assertThat(cached).isBetween(prompt - 16, prompt - 1);
    assertThat(worker.stats().cachedTokens()).isEqualTo(cached);
  }

  @Test
  void the_same_seed_gives_the_same_text_on_every_worker() throws Exception {
    SimOptions options = SimOptions.of("vllm").instant().withSeed(7).withOutputTokens(40, 0.5);
    String one = SIMS.post(SIMS.start(options), CHAT, Sims.streamed("hi")).body();
    String two = SIMS.post(SIMS.start(options.withName("b")), CHAT, Sims.streamed("hi")).body();
    String other = SIMS.post(SIMS.start(options.withSeed(8)), CHAT, Sims.streamed("hi")).body();
    assertThat(Sims.content(one)).isEqualTo(Sims.content(two)).isNotEqualTo(Sims.content(other));
  }

  @Test
  void what_arrived_can_be_looked_at_and_forgotten() throws Exception {
    SimulatedWorker worker = SIMS.start(SimOptions.of("vllm").instant().withName("w-7"));
    HttpResponse<String> response =
        SIMS.post(worker, CHAT, Sims.chat("hi"), "authorization", "Bearer secret");
    assertThat(response.headers().firstValue("x-sim-worker")).hasValue("w-7");
    JsonArray requests =
        new JsonObject(SIMS.get(worker, "/sim/requests?last=1").body()).getJsonArray("requests");
    JsonObject last = requests.getJsonObject(0);
    assertThat(last.getString("uri")).isEqualTo(CHAT);
    assertThat(new JsonObject(last.getString("body"))).isEqualTo(Sims.chat("hi"));
    assertThat(last.getJsonArray("headers").encode().toLowerCase(java.util.Locale.ROOT))
        .contains("[\"authorization\",\"bearer secret\"]", "\"host\",\"127.0.0.1:");
    JsonObject stats = new JsonObject(SIMS.get(worker, "/sim/stats").body());
    assertThat(stats.getJsonObject("by_endpoint").getInteger("POST " + CHAT)).isEqualTo(1);
    assertThat(stats.getInteger("completed")).isEqualTo(1);
    assertThat(stats.getInteger("generated_tokens")).isEqualTo(32);
    SIMS.send(worker, "POST", "/sim/reset", "");
    assertThat(worker.stats().served()).isZero();
    assertThat(new JsonObject(SIMS.get(worker, "/sim/requests").body()).getJsonArray("requests"))
        .isEmpty();
  }

  @Test
  void silent_llamacpp_streams_carry_comment_lines() throws Exception {
    SimulatedWorker worker = SIMS.start(SimOptions.of("llamacpp").withDecode(0.5));
    try (RawExchange raw = new RawExchange(worker)) {
      raw.post(CHAT, Sims.streamed("hi").put("sse_ping_interval", 0.2));
      assertThat(raw.readUntil(":\n\n")).doesNotContain("\"content\":\"");
    }
  }

  @Test
  void mistakes_get_the_engines_own_answers() throws Exception {
    SimulatedWorker vllm = SIMS.start(SimOptions.of("vllm").instant());
    assertThat(SIMS.send(vllm, "POST", CHAT, "{").statusCode()).isEqualTo(400);
    HttpResponse<String> unknown = SIMS.post(vllm, CHAT, Sims.chat("hi").put("model", "x"));
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("The model `x` does not exist.", "NotFoundError");
    assertThat(SIMS.get(vllm, "/nowhere").statusCode()).isEqualTo(404);
    assertThat(SIMS.get(vllm, CHAT).statusCode()).isEqualTo(405);
  }

  @Test
  void a_taken_port_fails_the_start() throws Exception {
    SimulatedWorker first = SIMS.start(SimOptions.of("vllm"));
    assertThatThrownBy(() -> SIMS.start(SimOptions.of("vllm").withPort(first.port())))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(java.net.BindException.class);
  }

  @Test
  void a_stopped_worker_frees_its_port() throws Exception {
    SimulatedWorker worker = SIMS.start(SimOptions.of("vllm"));
    worker
        .stop()
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, java.util.concurrent.TimeUnit.SECONDS);
    // Another program may hold the freed port for a moment, as the near end of a connection.
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              SimulatedWorker next = SIMS.start(SimOptions.of("vllm").withPort(worker.port()));
              assertThat(SIMS.get(next, "/health").statusCode()).isEqualTo(200);
            });
  }
}

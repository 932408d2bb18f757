package dev.headrace.worker.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each fault is seen from outside, on a socket or by an HTTP client. */
class FaultsTest {
  private static final Sims SIMS = new Sims();
  private static final String CHAT = "/v1/chat/completions";
  private static SimulatedWorker vllm;

  @BeforeAll
  static void start() throws Exception {
    vllm = SIMS.start(SimOptions.of("vllm").instant().withOutputTokens(8));
  }

  @BeforeEach
  void heal() throws Exception {
    SIMS.faults(vllm, SimFaults.NONE);
  }

  @AfterAll
  static void close() throws Exception {
    SIMS.close();
  }

  private static void set(String name, Object value) throws Exception {
    SIMS.faults(vllm, SimFaults.with(name, value));
  }

  private static String streamUntilEnd(RawExchange.End expected) throws Exception {
    try (RawExchange raw = new RawExchange(vllm)) {
      raw.post(CHAT, Sims.streamed("hi"));
      assertThat(raw.readToEnd()).isEqualTo(expected);
      return raw.received();
    }
  }

  private static long texts(String stream) {
    return Sims.events(stream).stream()
        .filter(event -> event.getJsonArray("choices") != null)
        .filter(
            event ->
                event
                        .getJsonArray("choices")
                        .getJsonObject(0)
                        .getJsonObject("delta")
                        .getString("content", "")
                        .length()
                    > 0)
        .count();
  }

  @Test
  void refused_connections_come_back_after_their_time() throws Exception {
    SimulatedWorker own = SIMS.start(SimOptions.of("vllm").instant());
    SIMS.faults(own, SimFaults.with("refuse_ms", 1500));
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .ignoreException(IOException.class)
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> new Socket("127.0.0.1", own.port()).close())
                    .isInstanceOf(ConnectException.class));
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .until(() -> SIMS.get(own, "/health").statusCode() == 200);
    SIMS.faults(own, SimFaults.with("refuse_ms", 600_000));
    SIMS.faults(own, SimFaults.NONE);
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .until(() -> SIMS.get(own, "/health").statusCode() == 200);
  }

  @Test
  void a_slow_accept_delays_the_first_request_of_a_connection() throws Exception {
    set("accept_delay_ms", 700);
    try (RawExchange raw = new RawExchange(vllm)) {
      raw.get("/health");
      raw.expectSilence(Duration.ofMillis(400));
      assertThat(raw.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void not_ready_is_told_as_the_engine_tells_it() throws Exception {
    set("not_ready", true);
    assertThat(SIMS.get(vllm, "/health").statusCode()).isEqualTo(503);
    assertThat(SIMS.get(vllm, "/v1/models").statusCode()).isEqualTo(200);
    SimulatedWorker llamacpp =
        SIMS.start(
            SimOptions.of("llamacpp").withFaults(SimFaults.with("not_ready", true)).instant());
    assertThat(SIMS.get(llamacpp, "/v1/models").statusCode()).isEqualTo(503);
    assertThat(SIMS.get(llamacpp, "/health").body()).contains("Loading model");
  }

  @Test
  void closing_before_the_head_sends_nothing() throws Exception {
    set("close_before_head", true);
    assertThat(streamUntilEnd(RawExchange.End.CLOSED)).isEmpty();
  }

  @Test
  void dying_after_three_tokens_resets_the_connection() throws Exception {
    set("die_after_tokens", 3);
    String stream = streamUntilEnd(RawExchange.End.RESET);
    assertThat(stream).doesNotContain("[DONE]").doesNotContain("\r\n0\r\n");
    assertThat(texts(stream)).isLessThanOrEqualTo(3);
  }

  @Test
  void truncating_after_three_tokens_ends_the_body_cleanly_without_finish() throws Exception {
    set("truncate_after_tokens", 3);
    HttpResponse<String> response = SIMS.post(vllm, CHAT, Sims.streamed("hi"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(texts(response.body())).isEqualTo(3);
    assertThat(response.body()).doesNotContain("[DONE]").doesNotContain("\"stop\"");
  }

  @Test
  void an_error_event_follows_after_three_tokens() throws Exception {
    set("error_after_tokens", 3);
    String stream = SIMS.post(vllm, CHAT, Sims.streamed("hi")).body();
    assertThat(texts(stream)).isEqualTo(3);
    assertThat(Sims.events(stream))
        .last()
        .satisfies(
            event ->
                assertThat(event.getJsonObject("error").getString("type"))
                    .isEqualTo("InternalServerError"));
    JsonObject whole = new JsonObject(SIMS.post(vllm, CHAT, Sims.chat("hi")).body());
    assertThat(whole.getJsonObject("error").getInteger("code")).isEqualTo(500);
  }

  @Test
  void stalling_before_the_head_sends_nothing_and_stays_open() throws Exception {
    set("stall_before_head", true);
    try (RawExchange raw = new RawExchange(vllm)) {
      raw.post(CHAT, Sims.streamed("hi"));
      raw.expectSilence(Duration.ofMillis(300));
    }
  }

  @Test
  void stalling_before_the_first_token_sends_the_head_alone() throws Exception {
    set("stall_after_tokens", 0);
    try (RawExchange raw = new RawExchange(vllm)) {
      raw.post(CHAT, Sims.streamed("hi"));
      assertThat(raw.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
      raw.expectSilence(Duration.ofMillis(300));
    }
  }

  /** What the second text event of the same question carries. */
  private static String secondToken() throws Exception {
    SIMS.faults(vllm, SimFaults.NONE);
    String text = Sims.content(SIMS.post(vllm, CHAT, Sims.streamed("hi")).body());
    return " " + text.split(" ")[1];
  }

  @Test
  void stalling_after_two_tokens_leaves_the_stream_open() throws Exception {
    String second = secondToken();
    set("stall_after_tokens", 2);
    try (RawExchange raw = new RawExchange(vllm)) {
      raw.post(CHAT, Sims.streamed("hi"));
      raw.readUntil("{\"content\":\"" + second + "\"}");
      raw.readUntil("}]}\n\n\r\n");
      raw.expectSilence(Duration.ofMillis(300));
      assertThat(texts(raw.received())).isEqualTo(2);
    }
  }

  @Test
  void a_failing_worker_answers_in_its_own_form() throws Exception {
    for (int status : new int[] {429, 500, 503}) {
      set("fail_status", status);
      HttpResponse<String> response = SIMS.post(vllm, CHAT, Sims.streamed("hi"));
      assertThat(response.statusCode()).isEqualTo(status);
      assertThat(new JsonObject(response.body()).getJsonObject("error").getString("message"))
          .isNotBlank();
    }
    SIMS.faults(vllm, SimFaults.with("fail_status", 503).and("fail_delay_ms", 400));
    long began = System.nanoTime();
    assertThat(SIMS.post(vllm, CHAT, Sims.chat("hi")).statusCode()).isEqualTo(503);
    assertThat(System.nanoTime() - began).isGreaterThan(Duration.ofMillis(390).toNanos());
  }

  @Test
  void probability_spares_some_requests() throws Exception {
    SIMS.faults(vllm, SimFaults.with("fail_status", 503).and("probability", 0.5));
    int[] statuses =
        IntStream.range(0, 40)
            .map(
                i -> {
                  try {
                    return SIMS.post(vllm, CHAT, Sims.chat("hi")).statusCode();
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                })
            .toArray();
    assertThat(Arrays.stream(statuses).filter(status -> status == 503).count()).isBetween(5L, 35L);
    assertThat(Arrays.stream(statuses).filter(status -> status == 200).count()).isBetween(5L, 35L);
  }

  @Test
  void frames_can_be_split_into_chunks_of_one_byte() throws Exception {
    set("split_bytes", 1);
    try (RawExchange raw = new RawExchange(vllm)) {
      raw.post(CHAT, Sims.streamed("hi"));
      assertThat(raw.readUntil("\r\n0\r\n\r\n")).contains("\r\n1\r\nd\r\n1\r\na\r\n1\r\nt\r\n");
    }
    assertThat(texts(SIMS.post(vllm, CHAT, Sims.streamed("hi")).body())).isEqualTo(8);
    SIMS.faults(vllm, SimFaults.with("split_bytes", 7).and("split_random", true));
    assertThat(texts(SIMS.post(vllm, CHAT, Sims.streamed("hi")).body())).isEqualTo(8);
  }

  @Test
  void frames_can_end_with_cr_lf() throws Exception {
    set("crlf", true);
    String stream = SIMS.post(vllm, CHAT, Sims.streamed("hi")).body();
    assertThat(stream).contains("}\r\n\r\ndata: ").doesNotContain("}\n\n");
    assertThat(texts(stream)).isEqualTo(8);
  }

  @Test
  void merged_frames_come_together() throws Exception {
    SimulatedWorker slow =
        SIMS.start(
            SimOptions.of("vllm")
                .withDecode(100)
                .withOutputTokens(8)
                .withFaults(SimFaults.with("merge_frames", 4)));
    try (RawExchange raw = new RawExchange(slow)) {
      raw.post(CHAT, Sims.streamed("hi"));
      String wire = raw.readUntil("\r\n0\r\n\r\n");
      long chunks = wire.lines().filter(line -> line.matches("[0-9a-f]{1,5}")).count() - 1;
      assertThat(chunks).isBetween(1L, 4L);
      assertThat(texts(wire)).isEqualTo(8);
    }
  }

  @Test
  void gauges_can_lie() throws Exception {
    SimulatedWorker slow = SIMS.start(SimOptions.of("vllm").withDecode(20).withOutputTokens(4000));
    try (RawExchange raw = new RawExchange(slow)) {
      raw.post(CHAT, Sims.streamed("hi"));
      raw.readUntil("\"content\":\"");
      assertThat(SIMS.get(slow, "/metrics").body()).contains("requests_running{", "} 1.0");
      SIMS.faults(slow, SimFaults.with("gauges", "zero"));
      assertThat(running(slow)).isZero();
      SIMS.faults(slow, SimFaults.with("gauges", "added").and("gauges_added", 5));
      assertThat(running(slow)).isEqualTo(6);
      SIMS.faults(slow, SimFaults.with("gauges", "frozen"));
    }
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> slow.stats().running() == 0);
    assertThat(running(slow)).isEqualTo(1);
    SIMS.faults(slow, SimFaults.NONE);
    assertThat(running(slow)).isZero();
  }

  private static int running(SimulatedWorker worker) throws Exception {
    return SIMS.get(worker, "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("vllm:num_requests_running{"))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void gauges_can_be_slow() throws Exception {
    set("gauges_delay_ms", 400);
    long began = System.nanoTime();
    assertThat(SIMS.get(vllm, "/metrics").statusCode()).isEqualTo(200);
    assertThat(System.nanoTime() - began).isGreaterThan(Duration.ofMillis(390).toNanos());
  }

  @Test
  void idle_connections_are_closed_after_their_time() throws Exception {
    set("close_idle_ms", 300);
    try (RawExchange raw = new RawExchange(vllm)) {
      raw.get("/health");
      assertThat(raw.readToEnd()).isEqualTo(RawExchange.End.CLOSED);
      assertThat(raw.received()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void faults_change_at_run_time_over_http_and_mistakes_are_named() throws Exception {
    HttpResponse<String> set =
        SIMS.send(vllm, "PUT", "/sim/faults", "{\"fail_status\":503,\"probability\":1}");
    assertThat(set.statusCode()).isEqualTo(200);
    assertThat(SIMS.post(vllm, CHAT, Sims.chat("hi")).statusCode()).isEqualTo(503);
    assertThat(new JsonObject(SIMS.get(vllm, "/sim/faults").body()).getInteger("fail_status"))
        .isEqualTo(503);
    HttpResponse<String> unknown = SIMS.send(vllm, "PUT", "/sim/faults", "{\"dye\":1}");
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(unknown.body()).contains("unknown fault 'dye'", "die_after_tokens");
    HttpResponse<String> wrong = SIMS.send(vllm, "PUT", "/sim/faults", "{\"refuse_ms\":-2}");
    assertThat(wrong.body()).contains("refuse_ms", "-2", "0 to 600000");
    SIMS.send(vllm, "PUT", "/sim/faults", "{}");
    assertThat(SIMS.post(vllm, CHAT, Sims.chat("hi")).statusCode()).isEqualTo(200);
  }
}

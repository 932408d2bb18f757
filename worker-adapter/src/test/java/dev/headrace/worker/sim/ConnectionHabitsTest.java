package dev.headrace.worker.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.sim.RawExchange.End;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Simulated engines close connections when the real ones do, and say as little of it. */
class ConnectionHabitsTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final Sims SIMS = new Sims();

  @AfterAll
  static void close() throws Exception {
    SIMS.close();
  }

  private static SimulatedWorker start(String engine) throws Exception {
    return SIMS.start(SimOptions.of(engine).instant());
  }

  private static int answers(RawExchange raw) {
    return raw.received().split("HTTP/1\\.1 ", -1).length - 1;
  }

  @Test
  void llamacpp_closes_after_an_event_stream_without_a_word() throws Exception {
    try (RawExchange raw = new RawExchange(start("llamacpp"))) {
      raw.post(CHAT, Sims.chat("hi"));
      raw.readUntil("\"usage\"");
      raw.post(CHAT, Sims.streamed("hi"));
      long began = System.nanoTime();
      assertThat(raw.readToEnd()).isEqualTo(End.CLOSED);
      assertThat(System.nanoTime() - began).isLessThan(Duration.ofSeconds(4).toNanos());
      assertThat(answers(raw)).isEqualTo(2);
      assertThat(raw.received())
          .contains("keep-alive: timeout=5, max=100")
          .doesNotContain("connection: close")
          .endsWith("0\r\n\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "sglang", "tgi"})
  void others_keep_the_connection_after_an_event_stream(String engine) throws Exception {
    try (RawExchange raw = new RawExchange(start(engine))) {
      for (int i = 0; i < 3; i++) {
        raw.post(CHAT, Sims.streamed("hi"));
      }
      raw.get("/sim/stats");
      raw.readUntil("by_endpoint");
      assertThat(answers(raw)).isEqualTo(4);
      assertThat(raw.received()).doesNotContain("connection: close");
    }
  }

  @Test
  void llamacpp_announces_the_hundredth_answer_and_closes_behind_it() throws Exception {
    try (RawExchange raw = new RawExchange(start("llamacpp"))) {
      for (int i = 0; i < 101; i++) {
        raw.get("/health");
      }
      assertThat(raw.readToEnd()).isEqualTo(End.CLOSED);
      assertThat(answers(raw)).isEqualTo(100);
      String last = raw.received().substring(raw.received().lastIndexOf("HTTP/1.1 "));
      assertThat(last).contains("connection: close").doesNotContain("keep-alive");
      assertThat(raw.received()).containsOnlyOnce("connection: close");
    }
  }

  @Test
  void llamacpp_announces_a_close_with_each_error() throws Exception {
    try (RawExchange raw = new RawExchange(start("llamacpp"))) {
      raw.post(CHAT, new JsonObject().put("messages", 1));
      assertThat(raw.readToEnd()).isEqualTo(End.CLOSED);
      assertThat(raw.received())
          .startsWith("HTTP/1.1 400")
          .contains("connection: close")
          .doesNotContain("keep-alive");
    }
  }

  @Test
  void idle_connections_are_closed_after_five_seconds_without_a_word() throws Exception {
    SimulatedWorker llamacpp = start("llamacpp");
    try (RawExchange unused = new RawExchange(llamacpp);
        RawExchange one = new RawExchange(llamacpp);
        RawExchange two = new RawExchange(start("vllm"));
        RawExchange three = new RawExchange(start("sglang"))) {
      long began = System.nanoTime();
      for (RawExchange raw : new RawExchange[] {one, two, three}) {
        raw.get("/health");
      }
      for (RawExchange raw : new RawExchange[] {unused, one, two, three}) {
        assertThat(raw.readToEnd()).isEqualTo(End.CLOSED);
        assertThat(System.nanoTime() - began)
            .isBetween(Duration.ofMillis(4_800).toNanos(), Duration.ofSeconds(20).toNanos());
        assertThat(raw.received()).doesNotContain("connection: close");
      }
      assertThat(one.received()).startsWith("HTTP/1.1 200");
    }
  }
}

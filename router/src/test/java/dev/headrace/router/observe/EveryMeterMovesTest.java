package dev.headrace.router.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Each meter is seen to move by a real request, and to bear the name that dashboards use. */
class EveryMeterMovesTest {

  @Test
  void aStreamMovesItsMeters() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  talk.streamHead().chunk(Frames.ROLE).chunk(Frames.token("a"));
                  go.await(20, TimeUnit.SECONDS);
                  talk.chunk(Frames.token("b")).chunk(Frames.USAGE).chunk(Frames.DONE).lastChunk();
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      try (RawClient client = kit.client()) {
        client.post(RouterKit.CHAT, RouterKit.STREAM);
        assertThat(client.readUntil("\"a\"")).isNotNull();
        assertThat(kit.gauge("headrace.active.streams")).isEqualTo(1);
        assertThat(kit.gauge("headrace.in.flight")).isEqualTo(1);
        assertThat(kit.gauge("headrace.buffered.body.bytes")).isZero();
        go.countDown();
        assertThat(client.readUntil("[DONE]")).isNotNull();
      }
      kit.record();
      assertThat(kit.timed("headrace.first.token", "model", "m", "endpoint", "chat")).isEqualTo(1);
      assertThat(kit.timed("headrace.token.gap", "model", "m")).isEqualTo(1);
      assertThat(kit.timed("headrace.request", "model", "m")).isEqualTo(1);
      assertThat(kit.timed("headrace.queue.wait", "model", "m")).isEqualTo(1);
      assertThat(kit.count("headrace.tokens", "kind", "prompt")).isEqualTo(5);
      assertThat(kit.count("headrace.tokens", "kind", "completion")).isEqualTo(2);
      assertThat(kit.count("headrace.attempts", "result", "ok")).isEqualTo(1);
      assertThat(
              kit.count(
                  "headrace.requests",
                  "endpoint",
                  "chat",
                  "model",
                  "m",
                  "status",
                  "200",
                  "outcome",
                  "completed"))
          .isEqualTo(1);

      String scrape = kit.registry.scrape();
      for (String name :
          new String[] {
            "headrace_first_token_seconds_bucket",
            "headrace_token_gap_seconds_bucket",
            "headrace_request_seconds_bucket",
            "headrace_queue_wait_seconds_bucket",
            "headrace_cancel_seconds",
            "headrace_tokens_total",
            "headrace_requests_total",
            "headrace_attempts_total",
            "headrace_active_streams",
            "headrace_in_flight",
            "headrace_connections",
            "headrace_loop_connections",
            "headrace_buffered_body_bytes"
          }) {
        assertThat(scrape).contains(name);
      }
    }
  }

  @Test
  void namesThatClientsMakeUpBecomeNoLabels() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      for (int i = 0; i < 20; i++) {
        kit.post(RouterKit.CHAT, "{\"model\":\"made-up-" + i + "\"}");
      }
      await().atMost(20, TimeUnit.SECONDS).until(() -> kit.log.size() == 20);
      assertThat(kit.count("headrace.requests", "model", "unknown")).isEqualTo(20);
      assertThat(kit.count("headrace.refusals", "code", "model_not_found")).isEqualTo(20);
      assertThat(kit.registry.scrape()).doesNotContain("made-up");
    }
  }
}

package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** A client's request goes to a worker, and the worker's answer comes back as it was written. */
class ChatRelayedTest {

  @Test
  void aStreamArrivesByteForByteWithoutTheUsageThatOnlyTheRouterWanted() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.twoTokens());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      Answer answer = kit.post(RouterKit.CHAT, RouterKit.STREAM);

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("content-type")).startsWith("text/event-stream");
      assertThat(answer.header("cache-control")).isEqualTo("no-cache");
      assertThat(answer.header("x-accel-buffering")).isEqualTo("no");
      assertThat(answer.header("x-request-id")).startsWith("req_");
      assertThat(answer.body())
          .isEqualTo(
              Frames.ROLE + Frames.token("Hel") + Frames.token("lo") + Frames.STOP + Frames.DONE);
      assertThat(answer.clean()).isTrue();

      assertThat(worker.requests).hasSize(1);
      JsonObject sent = new JsonObject(worker.requests.get(0).body());
      assertThat(sent.getJsonObject("stream_options").getBoolean("include_usage")).isTrue();
      assertThat(kit.record().outcome()).isEqualTo("completed");
      assertThat(kit.record().promptTokens()).isEqualTo(5);
      assertThat(kit.record().completionTokens()).isEqualTo(2);
      assertThat(kit.signals).containsExactly("succeeded a");
      kit.assertNothingHeld();
    }
  }

  @Test
  void aJsonAnswerArrivesUnchangedAndItsUsageIsCounted() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      Answer answer = kit.post(RouterKit.CHAT, RouterKit.PLAIN);

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.clean()).isTrue();
      assertThat(new JsonObject(answer.body()).getJsonObject("usage").getInteger("total_tokens"))
          .isEqualTo(7);
      assertThat(worker.requests.get(0).body()).isEqualTo(RouterKit.PLAIN);
      assertThat(kit.record().completionTokens()).isEqualTo(2);
      assertThat(kit.count("headrace.tokens", "kind", "completion")).isEqualTo(2);
      kit.assertNothingHeld();
    }
  }
}

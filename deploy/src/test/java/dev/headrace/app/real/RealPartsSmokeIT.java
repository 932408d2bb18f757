package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The real programs do by themselves what the suites build on. */
class RealPartsSmokeIT {

  @Test
  @NeedsParts(RealPart.LLAMA_SERVER)
  void llamaServerLoadsTheGeneratedModelAndShowsItsSlots() throws Exception {
    try (LlamaServer server = LlamaServer.start(TinyModel.slow(), "tiny", 2, 2048)) {
      Caller caller = server.caller();
      String ask =
          "{\"model\":\"tiny\",\"max_tokens\":%d,\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";

      var whole = caller.post("/v1/chat/completions", ask.formatted(16, false)).json();
      assertThat(whole.at("/usage/completion_tokens").asInt()).isEqualTo(16);
      assertThat(whole.at("/choices/0/finish_reason").asText()).isEqualTo("length");
      var vector = caller.post("/v1/embeddings", "{\"input\":\"hello\"}").json();
      assertThat(vector.at("/data/0/embedding").size()).isEqualTo(384);

      try (InputStream stream =
          caller.open("/v1/chat/completions", ask.formatted(1800, true)).body()) {
        assertThat(stream.read()).isPositive();
        await().atMost(Duration.ofSeconds(20)).until(() -> server.busySlots() == 1);
      }
      await().atMost(Duration.ofSeconds(20)).until(() -> server.busySlots() == 0);
    }
  }

  @Test
  @NeedsParts(RealPart.CONSUL)
  void consulComesBackEmptyOnTheSameAddress() {
    try (ConsulAgent consul = ConsulAgent.start()) {
      Caller caller = consul.caller();
      caller.put("/v1/agent/service/register", "{\"Name\":\"x\",\"ID\":\"x1\",\"Port\":1}");
      assertThat(caller.get("/v1/agent/services").json().has("x1")).isTrue();

      consul.kill();
      assertThat(caller.ok("/v1/status/leader")).isFalse();
      consul.restartEmpty();

      assertThat(caller.get("/v1/agent/services").json().has("x1")).isFalse();
    }
  }
}

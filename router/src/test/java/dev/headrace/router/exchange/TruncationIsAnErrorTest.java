package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** A stream that broke never looks whole: an error event, no end mark, and the connection ends. */
class TruncationIsAnErrorTest {

  private void broken(ScriptedWorker.Script ending) throws Exception {
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  talk.streamHead().chunk(Frames.ROLE).chunk(Frames.token("Hel"));
                  ending.play(talk);
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start();
        RawClient client = kit.client()) {
      Answer answer = client.post(RouterKit.CHAT, RouterKit.STREAM).read();

      assertThat(answer.body()).startsWith(Frames.ROLE + Frames.token("Hel") + "data: {\"error\"");
      assertThat(answer.body()).doesNotContain("[DONE]").endsWith("\n\n");
      String last = answer.body().substring(answer.body().lastIndexOf("data: ") + 6);
      assertThat(new JsonObject(last).getJsonObject("error").getString("code"))
          .isEqualTo("stream_truncated");
      assertThat(kit.count("headrace.truncated.streams")).isEqualTo(1);
      assertThat(kit.signals).containsExactly("failed a BROKEN");
      assertThat(kit.record().outcome()).isEqualTo("worker_failed");
      assertThat(kit.record().code()).isEqualTo("stream_truncated");
      kit.assertNothingHeld();
    }
  }

  @Test
  void aPoliteEndWithoutTheMark() throws Exception {
    broken(talk -> talk.lastChunk());
  }

  @Test
  void theConnectionServesTheNextRequest() throws Exception {
    try (ScriptedWorker worker =
            new ScriptedWorker(talk -> talk.streamHead().chunk(Frames.token("a")).close());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start();
        RawClient client = kit.client()) {
      for (int request = 1; request <= 3; request++) {
        Answer answer = client.post(RouterKit.CHAT, RouterKit.STREAM).read();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.clean()).isTrue();
        assertThat(answer.body()).contains("stream_truncated");
      }
      kit.assertNothingHeld();
    }
  }

  @Test
  void aFinishReasonWithoutTheMark() throws Exception {
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> talk.streamHead().chunk(Frames.token("a")).chunk(Frames.STOP).lastChunk());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      assertThat(kit.post(RouterKit.CHAT, RouterKit.STREAM).body()).contains("stream_truncated");
    }
  }

  @Test
  void aClosedConnection() throws Exception {
    broken(talk -> talk.close());
  }

  @Test
  void aResetConnection() throws Exception {
    broken(talk -> talk.reset());
  }

  @Test
  void aResetRightBehindTheLastBytesIsNoticedAtOnce() throws Exception {
    try (ScriptedWorker worker =
            new ScriptedWorker(talk -> talk.streamHead().chunk(Frames.token("a")).reset());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      for (int request = 1; request <= 100; request++) {
        // Noticed only by a clock, it would take longer than the client waits.
        assertThat(kit.post(RouterKit.CHAT, RouterKit.STREAM).body()).contains("stream_truncated");
      }
      kit.assertNothingHeld();
    }
  }

  @Test
  void aFrameCutInTheMiddle() throws Exception {
    broken(talk -> talk.chunk("data: {\"choices\":[{\"del").close());
  }

  @Test
  void aBodyOfKnownLengthThatEndsEarlyIsCutForTheClientToo() throws Exception {
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk ->
                    talk.send(
                            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                + "Content-Length: 1000\r\n\r\n{\"a\":")
                        .close());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      Answer answer = kit.post(RouterKit.CHAT, RouterKit.PLAIN);
      assertThat(answer == null || !answer.clean()).isTrue();
      assertThat(kit.record().outcome()).isEqualTo("worker_failed");
      kit.assertNothingHeld();
    }
  }

  @Test
  void anErrorEventOfTheWorkerPassesAndTheEndMarkBehindItDoesNot() throws Exception {
    String error =
        "data: {\"error\":{\"message\":\"CUDA\",\"type\":\"InternalServerError\","
            + "\"param\":null,\"code\":500}}\n\n";
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk ->
                    talk.streamHead()
                        .chunk(Frames.token("a"))
                        .chunk(error)
                        .chunk(Frames.DONE)
                        .lastChunk());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      Answer answer = kit.post(RouterKit.CHAT, RouterKit.STREAM);
      assertThat(answer.body()).isEqualTo(Frames.token("a") + error);
      kit.assertNothingHeld();
    }
  }

  @Test
  void anthropicClientsGetAnErrorEventByName() throws Exception {
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk ->
                    talk.streamHead()
                        .chunk("event: message_start\ndata: {\"type\":\"message_start\"}\n\n")
                        .close());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      Answer answer = kit.post("/v1/messages", RouterKit.STREAM);
      assertThat(answer.body()).contains("event: error\ndata: {\"type\":\"error\",\"error\":{");
    }
  }

  @Test
  void responsesClientsGetAnErrorEventWithItsNumber() throws Exception {
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk ->
                    talk.streamHead()
                        .chunk("event: response.created\ndata: {\"type\":\"response.created\"}\n\n")
                        .close());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      Answer answer =
          kit.post("/v1/responses", "{\"model\":\"m\",\"stream\":true,\"input\":\"x\"}");
      assertThat(answer.body())
          .contains("event: error\ndata: {\"type\":\"error\",\"code\":\"stream_truncated\"")
          .contains("\"sequence_number\":1");
    }
  }

  @Test
  void aStreamUnderAnotherTypeIsAStreamHoweverItsBeginningIsCut() throws Exception {
    for (int first : new int[] {1, 3, 5, 6, 40}) {
      String role = Frames.ROLE;
      try (ScriptedWorker worker =
              new ScriptedWorker(
                  talk ->
                      talk.send(
                              "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                  + "Transfer-Encoding: chunked\r\n\r\n")
                          .chunk(role.substring(0, first))
                          .chunk(role.substring(first))
                          .chunk(Frames.USAGE)
                          .lastChunk());
          RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
        Answer answer = kit.post(RouterKit.CHAT, RouterKit.STREAM);
        assertThat(answer.header("content-type")).startsWith("text/event-stream");
        assertThat(answer.body())
            .startsWith(role)
            .contains("stream_truncated")
            .doesNotContain("completion_tokens");
      }
    }
  }
}

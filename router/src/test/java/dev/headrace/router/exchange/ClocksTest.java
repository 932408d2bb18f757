package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Three clocks: to the first token, of silence between tokens, and for all of it. */
class ClocksTest {
  private final CountDownLatch workerSawClose = new CountDownLatch(1);

  private ScriptedWorker stalls(ScriptedWorker.Script script) throws Exception {
    return new ScriptedWorker(
        talk -> {
          script.play(talk);
          try {
            talk.awaitPeerClose();
          } finally {
            workerSawClose.countDown();
          }
        });
  }

  private Answer run(RouterKit kit, ScriptedWorker worker, String body) throws Exception {
    kit.worker("a", "vllm", "m", worker.port()).start();
    Answer answer = kit.post(RouterKit.CHAT, body);
    assertThat(workerSawClose.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(kit.record().outcome()).isEqualTo("timed_out");
    kit.assertNothingHeld();
    return answer;
  }

  private static String code(Answer answer) {
    return new JsonObject(answer.body()).getJsonObject("error").getString("code");
  }

  @Test
  void noFirstTokenGives504() throws Exception {
    try (RouterKit kit = new RouterKit();
        ScriptedWorker worker = stalls(talk -> talk.streamHead())) {
      kit.options.firstToken = Duration.ofMillis(300);
      Answer answer = run(kit, worker, RouterKit.STREAM);
      assertThat(answer.status()).isEqualTo(504);
      assertThat(code(answer)).isEqualTo("first_token_timeout");
      assertThat(kit.count("headrace.refusals", "code", "first_token_timeout")).isEqualTo(1);
    }
  }

  @Test
  void silenceBetweenTokensEndsTheStreamWithAnError() throws Exception {
    try (RouterKit kit = new RouterKit();
        ScriptedWorker worker =
            stalls(talk -> talk.streamHead().chunk(Frames.token("a")).chunk(": ping\n\n"))) {
      kit.options.idle = Duration.ofMillis(300);
      Answer answer = run(kit, worker, RouterKit.STREAM);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body())
          .startsWith(Frames.token("a"))
          .contains("\"code\":\"idle_timeout\"")
          .doesNotContain("[DONE]");
    }
  }

  @Test
  void theTotalTimeEndsWhatNeverEnds() throws Exception {
    try (RouterKit kit = new RouterKit();
        ScriptedWorker worker = stalls(talk -> {})) {
      kit.options.total = Duration.ofMillis(300);
      Answer answer = run(kit, worker, RouterKit.PLAIN);
      assertThat(answer.status()).isEqualTo(504);
      assertThat(code(answer)).isEqualTo("total_timeout");
      assertThat(answer.header("x-should-retry")).isEqualTo("false");
    }
  }

  @Test
  void anAnswerInOnePieceHasNoFirstTokenClock() throws Exception {
    try (RouterKit kit = new RouterKit();
        ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  TimeUnit.MILLISECONDS.sleep(1_500);
                  Frames.json().play(talk);
                })) {
      kit.options.firstToken = Duration.ofMillis(100);
      kit.options.idle = Duration.ofMillis(500);
      kit.worker("a", "vllm", "m", worker.port()).start();
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
    }
  }

  @Test
  void aSilentStreamGetsCommentLinesAndThenItsTokens() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (RouterKit kit = new RouterKit();
        ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  go.await(20, TimeUnit.SECONDS);
                  Frames.twoTokens().play(talk);
                })) {
      kit.options.comment = Duration.ofMillis(300);
      kit.worker("a", "vllm", "m", worker.port()).start();
      try (var client = kit.client().post(RouterKit.CHAT, RouterKit.STREAM)) {
        assertThat(client.readHead().status()).isEqualTo(200);
        assertThat(client.readUntil(": waiting")).isNotNull();
        assertThat(client.readUntil(": waiting")).isNotNull();
        go.countDown();
        assertThat(client.readUntil("[DONE]")).isNotNull();
      }
      assertThat(kit.record().outcome()).isEqualTo("completed");
    }
  }

  @Test
  void commentLinesDoNotStandInTheWayOfAnotherWorker() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (RouterKit kit = new RouterKit();
        ScriptedWorker bad =
            new ScriptedWorker(
                talk -> {
                  go.await(20, TimeUnit.SECONDS);
                  talk.close();
                });
        ScriptedWorker good = new ScriptedWorker(Frames.twoTokens())) {
      kit.options.comment = Duration.ofMillis(200);
      kit.worker("bad", "vllm", "m", bad.port()).spare("good", "vllm", "m", good.port()).start();
      try (var client = kit.client().post(RouterKit.CHAT, RouterKit.STREAM)) {
        assertThat(client.readHead().status()).isEqualTo(200);
        assertThat(client.readUntil(": waiting")).isNotNull();
        go.countDown();
        assertThat(client.readUntil("[DONE]")).isNotNull();
      }
      assertThat(kit.record().attempts()).isEqualTo(2);
    }
  }

  @Test
  void aWorkerThatSaysDoneAndDoesNotEndIsNotWaitedFor() throws Exception {
    try (RouterKit kit = new RouterKit();
        ScriptedWorker worker =
            stalls(talk -> talk.streamHead().chunk(Frames.token("a")).chunk(Frames.DONE))) {
      kit.worker("a", "vllm", "m", worker.port()).start();
      Answer answer = kit.post(RouterKit.CHAT, RouterKit.STREAM);
      assertThat(answer.clean()).isTrue();
      assertThat(answer.body()).isEqualTo(Frames.token("a") + Frames.DONE);
      assertThat(workerSawClose.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(kit.record().outcome()).isEqualTo("completed");
    }
  }
}

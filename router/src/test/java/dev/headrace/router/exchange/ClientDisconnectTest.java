package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When the client leaves, at whatever stage, the worker's connection is closed at once. */
class ClientDisconnectTest {
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch workerSawClose = new CountDownLatch(1);

  private ScriptedWorker.Script then(ScriptedWorker.Script script) {
    return talk -> {
      script.play(talk);
      reached.countDown();
      try {
        talk.awaitPeerClose();
      } catch (IOException e) {
        // A reset is a close, too.
      }
      workerSawClose.countDown();
    };
  }

  private void leaveAt(ScriptedWorker.Script script, String body, String stage) throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(then(script));
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      RawClient client = kit.client().post(RouterKit.CHAT, body);
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
      if (stage.equals("streaming")) {
        assertThat(client.readHead().status()).isEqualTo(200);
      }
      client.close();

      assertThat(workerSawClose.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(kit.record().outcome()).isEqualTo("client_gone");
      assertThat(kit.record().status()).isEqualTo(499);
      assertThat(kit.count("headrace.cancels", "stage", stage)).isEqualTo(1);
      await()
          .atMost(20, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(kit.timed("headrace.cancel")).isEqualTo(1));
      kit.assertNothingHeld();
    }
  }

  @Test
  void beforeTheWorkersHead() throws Exception {
    leaveAt(talk -> {}, RouterKit.STREAM, "prefill");
  }

  @Test
  void beforeTheHeadOfAnAnswerInOnePiece() throws Exception {
    leaveAt(talk -> {}, RouterKit.PLAIN, "prefill");
  }

  @Test
  void afterTheHeadAndBeforeTheFirstToken() throws Exception {
    leaveAt(talk -> talk.streamHead(), RouterKit.STREAM, "prefill");
  }

  @Test
  void inTheMiddleOfTheStream() throws Exception {
    leaveAt(
        talk -> talk.streamHead().chunk(Frames.ROLE).chunk(Frames.token("Hel")),
        RouterKit.STREAM,
        "streaming");
  }

  @Test
  void inTheMiddleOfABody() throws Exception {
    leaveAt(
        talk ->
            talk.send(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 1000\r\n\r\n{\"a\":"),
        RouterKit.PLAIN,
        "streaming");
  }

  @Test
  void whileItStillSendsItsBody() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      RawClient client =
          kit.client()
              .send(
                  "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
                      + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"model\"");
      await().atMost(20, TimeUnit.SECONDS).until(() -> kit.server.inFlight() == 1);
      client.close();
      assertThat(kit.record().outcome()).isEqualTo("client_gone");
      assertThat(kit.count("headrace.cancels", "stage", "receiving")).isEqualTo(1);
      assertThat(worker.requests).isEmpty();
      kit.assertNothingHeld();
    }
  }

  @Test
  void withMoreRequestsSentBehindThisOne() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(then(talk -> {}));
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      RawClient client = kit.client();
      for (int i = 0; i < 5; i++) {
        client.post(RouterKit.CHAT, RouterKit.STREAM);
      }
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
      client.close();
      assertThat(workerSawClose.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(kit.record().outcome()).isEqualTo("client_gone");
      assertThat(worker.requests).hasSize(1);
      kit.assertNothingHeld();
    }
  }

  @Test
  void whileItDoesNotReadWhatTheWorkerSends() throws Exception {
    String token = Frames.token("x".repeat(4000));
    CountDownLatch stuck = new CountDownLatch(1);
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  talk.streamHead();
                  try {
                    while (true) {
                      talk.chunk(token);
                    }
                  } catch (IOException e) {
                    stuck.countDown();
                  }
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      RawClient client = new RawClient(kit.server.port(), 8192);
      client.post(RouterKit.CHAT, RouterKit.STREAM);
      await().atMost(20, TimeUnit.SECONDS).until(() -> kit.timed("headrace.first.token") == 1);
      client.reset();
      assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(kit.record().outcome()).isEqualTo("client_gone");
      kit.assertNothingHeld();
    }
  }
}

package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A kept connection that the worker closes in the moment of its reuse costs no client a thing, and
 * is nobody's failure: the same worker gets the request again.
 */
class KeepAliveRaceTest {

  /** The second request comes on the kept connection: that one is dropped. */
  private void dropsTheSecond(ScriptedWorker.Script drop, String body, int others)
      throws Exception {
    AtomicInteger played = new AtomicInteger();
    ScriptedWorker.Script good = body.equals(RouterKit.STREAM) ? Frames.twoTokens() : Frames.json();
    try (ScriptedWorker worker =
            new ScriptedWorker(talk -> (played.incrementAndGet() == 2 ? drop : good).play(talk));
        ScriptedWorker other = new ScriptedWorker(good);
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      for (int i = 0; i < others; i++) {
        kit.spare("other" + i, "vllm", "m", other.port());
      }
      kit.options.attempts = 1;
      kit.options.retryBudget = 0;
      kit.options.retriesPerSecond = 0;
      kit.start();
      for (int request = 1; request <= 3; request++) {
        Answer answer = kit.post(RouterKit.CHAT, body, "x-headrace-debug: 1");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.clean()).isTrue();
        assertThat(answer.header("x-headrace-attempts")).isEqualTo("1");
        assertThat(answer.header("x-headrace-worker")).isEqualTo("w-a");
      }

      assertThat(worker.requests).hasSize(4);
      assertThat(worker.requests.get(2).body()).isEqualTo(worker.requests.get(1).body());
      // After a stream a close tells of a habit, and the next connection is not kept.
      assertThat(worker.connections.get()).isBetween(2, 3);
      assertThat(other.connections.get()).as("nobody else was asked").isZero();
      assertThat(kit.count("headrace.sent.again")).isEqualTo(1);
      assertThat(kit.count("headrace.retries")).isZero();
      assertThat(kit.count("headrace.retries.refused")).isZero();
      assertThat(kit.signals).containsExactly("succeeded a", "succeeded a", "succeeded a");
      kit.assertNothingHeld();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void closedOnTheRequest(int others) throws Exception {
    dropsTheSecond(talk -> talk.close(), RouterKit.PLAIN, others);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void resetOnTheRequest(int others) throws Exception {
    dropsTheSecond(talk -> talk.reset(), RouterKit.STREAM, others);
  }

  @Test
  void closedAtAnyMomentBetweenTwoRequests() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    AtomicInteger inVain = new AtomicInteger();
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  Frames.json().play(talk);
                  long until = System.nanoTime() + random.nextInt(1_500_000);
                  while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                  }
                  inVain.addAndGet(talk.finish().awaitPeerClose() > 0 ? 1 : 0);
                  talk.close();
                });
        ScriptedWorker other = new ScriptedWorker(Frames.json());
        RouterKit kit =
            new RouterKit()
                .worker("a", "vllm", "m", worker.port())
                .spare("b", "vllm", "m", other.port())
                .start();
        RawClient client = kit.client()) {
      for (int request = 1; request <= 150; request++) {
        assertThat(client.post(RouterKit.CHAT, RouterKit.PLAIN).read().status()).isEqualTo(200);
      }
      // What was sent into a closing connection did not always arrive there.
      assertThat(kit.count("headrace.sent.again")).isGreaterThanOrEqualTo(inVain.get());
      System.out.println("met a closing connection: " + inVain);
      assertThat(other.requests).isEmpty();
      assertThat(kit.count("headrace.retries")).isZero();
      assertThat(kit.signals).hasSize(150).containsOnly("succeeded a");
    }
  }

  @Test
  void aFreshConnectionThatClosesIsAFailure() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(talk -> talk.close());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(502);
      assertThat(worker.requests).hasSize(1);
      assertThat(kit.count("headrace.sent.again")).isZero();
    }
  }

  @Test
  void theFreshConnectionAfterAKeptOneIsNotReplacedOnceMore() throws Exception {
    AtomicInteger played = new AtomicInteger();
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  if (played.incrementAndGet() == 1) {
                    Frames.json().play(talk);
                  } else {
                    talk.close();
                  }
                });
        ScriptedWorker other = new ScriptedWorker(Frames.json());
        RouterKit kit =
            new RouterKit()
                .worker("a", "vllm", "m", worker.port())
                .spare("b", "vllm", "m", other.port())
                .start()) {
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
      assertThat(worker.requests).hasSize(3);
      assertThat(other.requests).hasSize(1);
      assertThat(kit.count("headrace.sent.again")).isEqualTo(1);
      assertThat(kit.count("headrace.retries", "reason", "closed_before_head")).isEqualTo(1);
      assertThat(kit.signals).containsExactly("succeeded a", "failed a BROKEN", "succeeded b");
    }
  }

  @Test
  void connectionsAreKept() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.twoTokens());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      for (int i = 0; i < 5; i++) {
        assertThat(kit.post(RouterKit.CHAT, RouterKit.STREAM).clean()).isTrue();
      }
      assertThat(worker.connections.get()).isEqualTo(1);
    }
  }

  @Test
  void anIdleConnectionThatTheWorkerClosesIsGoneAtOnce() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  Frames.json().play(talk);
                  if (closed.getCount() > 0) {
                    talk.finish().awaitPeerClose();
                    closed.countDown();
                  }
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
      assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
      assertThat(worker.connections.get()).isEqualTo(2);
      assertThat(kit.count("headrace.sent.again")).isZero();
    }
  }

  @Test
  void aCloseThatIsAnnouncedIsMetByNoRequest() throws Exception {
    AtomicInteger inVain = new AtomicInteger();
    String body = "{\"choices\":[]}";
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  talk.send(
                      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                          + "Content-Length: 14\r\n\r\n"
                          + body);
                  inVain.addAndGet(talk.awaitPeerClose());
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      for (int request = 1; request <= 20; request++) {
        assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).body()).isEqualTo(body);
      }
      await().atMost(20, TimeUnit.SECONDS).until(() -> worker.closedByPeer.get() == 20);
      assertThat(worker.connections.get()).isEqualTo(20);
      assertThat(inVain.get()).isZero();
      assertThat(kit.count("headrace.sent.again")).isZero();
    }
  }

  @Test
  void aPromisedIdleTimeAndAPromisedCountAreMetByNoRequest() throws Exception {
    AtomicInteger inVain = new AtomicInteger();
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  for (int answer = 1; answer <= 2; answer++) {
                    talk.send(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                            + "Keep-Alive: timeout=1, max=2\r\nContent-Length: 2\r\n\r\n{}");
                    if (answer == 2 || talk.silentFor(1_000) || !talk.readRequest()) {
                      break;
                    }
                  }
                  // From here on it would close, should anything come.
                  inVain.addAndGet(talk.awaitPeerClose());
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      for (int round = 0; round < 3; round++) {
        for (int request = 0; request < 5; request++) {
          assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
        }
        // The last connection had one request, and is idle for longer than was promised.
        long answered = System.nanoTime();
        await().until(() -> System.nanoTime() - answered > TimeUnit.MILLISECONDS.toNanos(1_300));
      }
      assertThat(worker.requests).hasSize(15);
      assertThat(worker.connections.get()).isEqualTo(9);
      assertThat(inVain.get()).isZero();
      assertThat(kit.count("headrace.sent.again")).isZero();
    }
  }

  /** As cpp-httplib does. */
  @Test
  void aCloseAfterEachStreamIsMetOnceAndThenExpected() throws Exception {
    AtomicInteger inVain = new AtomicInteger();
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  Frames.twoTokens().play(talk);
                  inVain.addAndGet(talk.finish().awaitPeerClose() > 0 ? 1 : 0);
                  talk.close();
                });
        RouterKit kit = new RouterKit().worker("a", "llamacpp", "m", worker.port()).start();
        RawClient client = kit.client()) {
      for (int request = 1; request <= 60; request++) {
        assertThat(client.post(RouterKit.CHAT, RouterKit.STREAM).read().clean()).isTrue();
      }
      assertThat(inVain.get()).isLessThanOrEqualTo(1);
      assertThat(kit.count("headrace.sent.again")).isLessThanOrEqualTo(1);
      assertThat(kit.count("headrace.retries")).isZero();
    }
  }

  @Test
  void aTimeOutThatMeansTheTimeBeforeTheRequestIsNoAnswerToIt() throws Exception {
    AtomicInteger played = new AtomicInteger();
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  if (played.incrementAndGet() == 2) {
                    talk.send("HTTP/1.1 408 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
                    talk.close();
                  } else {
                    Frames.json().play(talk);
                  }
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
      assertThat(kit.count("headrace.sent.again")).isEqualTo(1);
      assertThat(kit.signals).containsExactly("succeeded a", "succeeded a");
      kit.assertNothingHeld();
    }
  }
}

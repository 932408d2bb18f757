package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In a fleet so small that each worker counts, a request fails only when no worker could do it. */
class TwoWorkersRetryTest {
  private static final ScriptedWorker.Script BROKEN = talk -> talk.answer(500, "text/plain", "no");
  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

  private final RouterKit kit = new RouterKit();
  private final List<ScriptedWorker> workers = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    kit.close();
    for (ScriptedWorker worker : workers) {
      worker.close();
    }
  }

  /** Comes before all that were added later. */
  private ScriptedWorker worker(String id, int capacity, ScriptedWorker.Script script)
      throws Exception {
    ScriptedWorker worker = new ScriptedWorker(script);
    workers.add(worker);
    kit.worker(id, "vllm", "m", worker.port(), capacity, null, Math.pow(0.001, workers.size()));
    return worker;
  }

  private ScriptedWorker worker(String id, ScriptedWorker.Script script) throws Exception {
    return worker(id, Integer.MAX_VALUE, script);
  }

  private void dead(String id) throws Exception {
    kit.worker(id, "vllm", "m", RouterKit.nobody(), Integer.MAX_VALUE, null, 1);
  }

  private Answer ask() throws Exception {
    return kit.post(RouterKit.CHAT, RouterKit.PLAIN);
  }

  private static String code(Answer answer) {
    return new JsonObject(answer.body()).getJsonObject("error").getString("code");
  }

  /** Answers of all requests, asked by eight at a time. */
  private List<Answer> many(int requests, String body) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(8);
    try {
      List<Future<Answer>> asked = new ArrayList<>();
      for (int i = 0; i < requests; i++) {
        asked.add(clients.submit(() -> kit.post(RouterKit.CHAT, body)));
      }
      List<Answer> answers = new ArrayList<>();
      for (Future<Answer> each : asked) {
        answers.add(each.get(60, TimeUnit.SECONDS));
      }
      return answers;
    } finally {
      clients.shutdownNow();
    }
  }

  private static void allGood(List<Answer> answers) {
    assertThat(answers)
        .filteredOn(
            answer ->
                answer.status() != 200 || !answer.clean() || answer.body().contains("\"error\""))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theDeadAndOneThatClosesAfterEachStream(int dead) throws Exception {
    for (int i = 0; i < dead; i++) {
      dead("dead" + i);
    }
    ScriptedWorker closing =
        new ScriptedWorker(
            talk -> {
              Frames.twoTokens().play(talk);
              talk.close();
            });
    workers.add(closing);
    kit.worker("closing", "vllm", "m", closing.port());
    kit.options.loops = 2;
    kit.start();
    allGood(many(200, RouterKit.STREAM));
    assertThat(kit.signals).doesNotContain("failed closing BROKEN", "connect-failed closing");
    System.out.println(
        "refused connections: " + kit.count("headrace.retries", "reason", "connect"));
    kit.assertNothingHeld();
  }

  @Test
  void oneThatIsKilledAndOneThatClosesKeptConnectionsOnTheRequest() throws Exception {
    AtomicInteger played = new AtomicInteger();
    CountDownLatch killed = new CountDownLatch(1);
    ScriptedWorker victim = new ScriptedWorker(Frames.json());
    workers.add(victim);
    ScriptedWorker closing =
        new ScriptedWorker(
            talk -> {
              Frames.json().play(talk);
              if (played.incrementAndGet() == 20) {
                victim.close();
                killed.countDown();
              }
              if (played.get() % 2 == 0 && talk.readRequest()) {
                talk.close();
              }
            });
    workers.add(closing);
    kit.worker("victim", "vllm", "m", victim.port()).worker("b", "vllm", "m", closing.port());
    kit.options.loops = 2;
    kit.start();
    allGood(many(300, RouterKit.PLAIN));
    assertThat(killed.getCount()).isZero();
    assertThat(kit.count("headrace.sent.again")).as("closed on the request").isPositive();
    assertThat(kit.signals).doesNotContain("failed b BROKEN", "connect-failed b");
    kit.assertNothingHeld();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aFreshConnectionThatClosesGoesToTheNextWorker(int dead) throws Exception {
    for (int i = 0; i < dead; i++) {
      dead("dead" + i);
    }
    ScriptedWorker closing = worker("closing", talk -> talk.close());
    worker("good", Frames.json());
    kit.options.attempts = 2 + dead;
    kit.start();
    assertThat(ask().status()).isEqualTo(200);
    assertThat(closing.requests).hasSize(1);
    assertThat(kit.record().attempts()).isEqualTo(2 + dead);
    assertThat(kit.count("headrace.sent.again")).isZero();
  }

  /** The other one is dead and the only one left has failed once. */
  private ScriptedWorker failsOnceBesideADeadOne() throws Exception {
    AtomicInteger played = new AtomicInteger();
    dead("dead");
    return worker(
        "once", talk -> (played.incrementAndGet() == 1 ? BROKEN : Frames.json()).play(talk));
  }

  @Test
  void whoFailedOnceIsAskedAgainWhereTheOthersAreDead() throws Exception {
    ScriptedWorker once = failsOnceBesideADeadOne();
    kit.start();
    assertThat(ask().status()).isEqualTo(200);
    assertThat(once.requests).hasSize(2);
    assertThat(kit.record().attempts()).isEqualTo(3);
    assertThat(kit.signals)
        .containsExactly("connect-failed dead", "failed once BROKEN", "succeeded once");
  }

  @Test
  void butNotBeyondTheAttempts() throws Exception {
    ScriptedWorker once = failsOnceBesideADeadOne();
    kit.options.attempts = 2;
    kit.start();
    assertThat(ask().status()).isEqualTo(502);
    assertThat(once.requests).hasSize(1);
  }

  @Test
  void andNotBeyondTheBudget() throws Exception {
    ScriptedWorker once = failsOnceBesideADeadOne();
    kit.options.retryBudget = 0;
    kit.options.retriesPerSecond = 0.1;
    kit.start();
    assertThat(ask().status()).isEqualTo(502);
    assertThat(once.requests).hasSize(1);
    assertThat(kit.count("headrace.retries.refused")).isEqualTo(1);
  }

  @Test
  void andNotWhereAHealthyOneHasFailedItToo() throws Exception {
    ScriptedWorker a = worker("a", BROKEN);
    ScriptedWorker b = worker("b", BROKEN);
    kit.options.attempts = 5;
    kit.start();
    assertThat(ask().status()).isEqualTo(502);
    assertThat(a.requests.size() + b.requests.size()).isEqualTo(2);
  }

  @Test
  void whereAllFailTheLastFailureIsTheAnswer() throws Exception {
    worker("closes", talk -> talk.close());
    worker("full", talk -> talk.json(429, "{\"error\":\"x\",\"error_type\":\"overloaded\"}"));
    worker("last", talk -> talk.answer(500, "text/plain", "out of luck"));
    kit.start();
    Answer answer = ask();
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.body()).contains("out of luck");
    assertThat(kit.record().attempts()).isEqualTo(3);
    kit.assertNothingHeld();
  }

  // After a failure there may be no place: what holds now is the answer.

  @Test
  void theOtherOneIsFullAndTheRequestWaitsForIt() throws Exception {
    worker("broken", BROKEN);
    CountDownLatch go = new CountDownLatch(1);
    ScriptedWorker full = worker("full", 1, talk -> serveAfter(go, talk));
    kit.start();
    try (RawClient first = kit.client();
        RawClient second = kit.client()) {
      occupy(first, full);
      second.post(RouterKit.CHAT, RouterKit.PLAIN);
      awaitQueued();
      go.countDown();
      assertThat(first.read().status()).isEqualTo(200);
      assertThat(second.read().status()).isEqualTo(200);
    }
    kit.assertNothingHeld();
  }

  @Test
  void theOtherOneIsFullAndNobodyMayWait() throws Exception {
    worker("broken", BROKEN);
    CountDownLatch go = new CountDownLatch(1);
    ScriptedWorker full = worker("full", 1, talk -> serveAfter(go, talk));
    kit.options.maxQueue = 0;
    kit.start();
    try (RawClient first = kit.client()) {
      occupy(first, full);
      Answer refused = ask();
      assertThat(refused.status()).isEqualTo(429);
      assertThat(code(refused)).isEqualTo("queue_full");
      assertThat(refused.header("retry-after")).isEqualTo("1");
      go.countDown();
      assertThat(first.read().status()).isEqualTo(200);
    }
    kit.assertNothingHeld();
  }

  @Test
  void theTimeThatARequestMayWaitBeginsInTheQueue() throws Exception {
    worker("slow", talk -> answerLate(talk));
    CountDownLatch go = new CountDownLatch(1);
    ScriptedWorker full = worker("full", 1, talk -> serveAfter(go, talk));
    kit.options.maxWait = Duration.ofSeconds(2);
    kit.start();
    try (RawClient first = kit.client();
        RawClient second = kit.client()) {
      occupy(first, full);
      long asked = System.nanoTime();
      second.post(RouterKit.CHAT, RouterKit.PLAIN);
      awaitQueued();
      await().until(() -> System.nanoTime() - asked > TimeUnit.MILLISECONDS.toNanos(2_300));
      go.countDown();
      assertThat(second.read().status()).isEqualTo(200);
    }
  }

  private static void answerLate(ScriptedWorker.Talk talk) throws Exception {
    talk.silentFor(1_600);
    BROKEN.play(talk);
  }

  @Test
  void nobodyIsRoutableAnyMore() throws Exception {
    worker(
        "broken",
        talk -> {
          kit.workers.get("broken").live().ejectedByOperator(true);
          BROKEN.play(talk);
        });
    worker("other", Frames.json());
    kit.start();
    kit.workers.get("other").live().ejectedByOperator(true);
    Answer answer = ask();
    assertThat(answer.status()).isEqualTo(503);
    assertThat(code(answer)).isEqualTo("no_worker_available");
    assertThat(answer.header("retry-after")).isEqualTo("3");
  }

  @Test
  void theOtherOneIsNotRoutableAndWhoFailedOnceDoesBetter() throws Exception {
    AtomicInteger played = new AtomicInteger();
    ScriptedWorker once =
        worker("once", talk -> (played.incrementAndGet() == 1 ? BROKEN : Frames.json()).play(talk));
    worker("other", Frames.json());
    kit.start();
    kit.workers.get("other").live().ejectedByOperator(true);
    assertThat(ask().status()).isEqualTo(200);
    assertThat(once.requests).hasSize(2);
  }

  private static void serveAfter(CountDownLatch go, ScriptedWorker.Talk talk) throws Exception {
    go.await(20, TimeUnit.SECONDS);
    Frames.json().play(talk);
  }

  /** Takes the place of a worker that the usual choice would not have given. */
  private void occupy(RawClient client, ScriptedWorker worker) throws Exception {
    kit.workers.values().forEach(each -> each.live().ejectedByOperator(true));
    kit.workers.get("full").live().ejectedByOperator(false);
    client.post(RouterKit.CHAT, RouterKit.PLAIN);
    await().atMost(20, TimeUnit.SECONDS).until(() -> worker.requests.size() == 1);
    kit.workers.values().forEach(each -> each.live().ejectedByOperator(false));
  }

  private void awaitQueued() {
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(kit.gauge("headrace.queue.depth")).isEqualTo(1));
  }

  // An answer in one piece that breaks behind its head.

  private void breaksBehindItsHead(ScriptedWorker.Script script) throws Exception {
    worker("a", script);
    worker("b", Frames.json());
    kit.start();
    Answer answer = ask();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.clean()).isTrue();
    assertThat(kit.record().attempts()).isEqualTo(2);
    assertThat(kit.count("headrace.retries", "reason", "truncated")).isEqualTo(1);
    assertThat(kit.signals).containsExactly("failed a BROKEN", "succeeded b");
    kit.assertNothingHeld();
  }

  @Test
  void deathBehindTheHead() throws Exception {
    breaksBehindItsHead(talk -> talk.send(HEAD + "Content-Length: 100\r\n\r\n").close());
  }

  @Test
  void resetBehindTheHead() throws Exception {
    breaksBehindItsHead(talk -> talk.send(HEAD + "Content-Length: 100\r\n\r\n").reset());
  }

  @Test
  void aBadChunkBehindTheHead() throws Exception {
    breaksBehindItsHead(
        talk -> talk.send(HEAD + "Transfer-Encoding: chunked\r\n\r\nzz\r\n").awaitPeerClose());
  }

  @Test
  void aHeadThatIsNone() throws Exception {
    breaksBehindItsHead(talk -> talk.send("SSH-2.0-OpenSSH_9.2\r\n").awaitPeerClose());
  }

  @Test
  void deathBehindTheHeadOfTheOnlyWorker() throws Exception {
    worker("a", talk -> talk.send(HEAD + "Content-Length: 100\r\n\r\n").close());
    kit.start();
    Answer answer = ask();
    assertThat(answer.status()).isEqualTo(502);
    assertThat(code(answer)).isEqualTo("worker_failed");
    kit.assertNothingHeld();
  }

  @Test
  void silenceBehindTheHeadOfTheOnlyWorker() throws Exception {
    worker("a", talk -> talk.send(HEAD + "Content-Length: 100\r\n\r\n").awaitPeerClose());
    kit.options.idle = Duration.ofMillis(300);
    kit.start();
    Answer answer = ask();
    assertThat(answer.status()).isEqualTo(504);
    assertThat(code(answer)).isEqualTo("idle_timeout");
    await().atMost(20, TimeUnit.SECONDS).until(() -> workers.get(0).closedByPeer.get() == 1);
    kit.assertNothingHeld();
  }
}

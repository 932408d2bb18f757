package dev.headrace.router.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.admission.Order;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** While the only worker is full, requests wait in the router, over real sockets. */
class FullFleetQueuesTest {
  private static final String OK =
      "{\"id\":\"x\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":"
          + "{\"role\":\"assistant\",\"content\":\"a\"},\"finish_reason\":\"stop\"}]}";

  private final Semaphore go = new Semaphore(0);
  private final List<RawClient> clients = new ArrayList<>();
  private ScriptedWorker worker;
  private RouterKit kit;

  @BeforeEach
  void open() throws Exception {
    worker =
        new ScriptedWorker(
            talk -> {
              go.tryAcquire(30, TimeUnit.SECONDS);
              if (talk.request().body().contains("\"stream\":true")) {
                talk.streamHead().chunk(Frames.token("a")).chunk(Frames.DONE).lastChunk();
              } else {
                talk.json(200, OK);
              }
            });
    kit = new RouterKit().worker("a", "vllm", "m", worker.port(), 1, null);
    kit.options.loops = 2;
  }

  @AfterEach
  void close() throws Exception {
    go.release(1000);
    for (RawClient client : clients) {
      client.close();
    }
    kit.close();
    worker.close();
  }

  private RawClient ask(String name, String body, String... headers) throws Exception {
    RawClient client = kit.client();
    clients.add(client);
    String[] all = java.util.Arrays.copyOf(headers, headers.length + 1);
    all[headers.length] = "x-request-id: " + name;
    return client.post(RouterKit.CHAT, body, all);
  }

  private void awaitWaiting(int count) {
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(kit.gauge("headrace.queue.depth")).isEqualTo(count));
  }

  private RawClient occupy() throws Exception {
    RawClient first = ask("first", RouterKit.PLAIN);
    await().atMost(20, TimeUnit.SECONDS).until(() -> worker.requests.size() == 1);
    return first;
  }

  @Test
  void thoseWhoWaitAreServedInTheOrderOfTheirClass() throws Exception {
    kit.start();
    occupy();
    ask("low", RouterKit.PLAIN, "x-headrace-priority: low");
    awaitWaiting(1);
    ask("plain", RouterKit.PLAIN, "x-headrace-priority: urgent!");
    awaitWaiting(2);
    String urgent = RouterKit.PLAIN.replace("{\"model\"", "{\"priority\":\"high\",\"model\"");
    ask("high", urgent);
    awaitWaiting(3);
    assertThat(kit.gauge("headrace.queue.tokens")).isGreaterThanOrEqualTo(3);
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(kit.gauge("headrace.queue.oldest")).isPositive());
    assertThat(kit.server.queues().get(0).depth()).isEqualTo(3);
    assertThat(kit.registry.scrape())
        .contains(
            "headrace_queue_depth{class=\"high\",model=\"m\"}",
            "headrace_queue_tokens{class=\"low\"",
            "headrace_queue_oldest_seconds{model=\"m\"}",
            "headrace_queue_predicted_wait_seconds{model=\"m\"}");
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(kit.gauge("headrace.queue.predicted.wait")).isPositive());
    for (RawClient client : clients) {
      int before = worker.requests.size();
      go.release();
      await()
          .atMost(20, TimeUnit.SECONDS)
          .until(() -> worker.requests.size() > before || before == clients.size());
    }
    for (RawClient client : clients) {
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(worker.requests.stream().map(seen -> seen.header("x-request-id")))
        .containsExactly("first", "high", "plain", "low");
    assertThat(kit.timed("headrace.queue.wait", "class", "high")).isEqualTo(1);
    assertThat(kit.timed("headrace.queue.wait", "class", "medium")).isEqualTo(2);
    awaitWaiting(0);
    for (String signal : List.of("oldest", "predicted.wait", "tokens")) {
      assertThat(kit.gauge("headrace.queue." + signal)).as(signal).isZero();
    }
    kit.assertNothingHeld();
  }

  @Test
  void aClientThatLeavesIsTakenOutAndNothingStaysReserved() throws Exception {
    kit.start();
    RawClient first = occupy();
    RawClient leaver = ask("leaver", RouterKit.STREAM);
    awaitWaiting(1);
    leaver.close();
    awaitWaiting(0);
    assertThat(kit.count("headrace.cancels", "stage", "queued")).isEqualTo(1);
    go.release();
    assertThat(first.read().status()).isEqualTo(200);
    kit.assertNothingHeld();
    assertThat(worker.requests).hasSize(1);
  }

  @Test
  void aFullQueueRefusesWithATimeToComeBack() throws Exception {
    kit.options.maxQueue = 1;
    kit.start();
    occupy();
    ask("waits", RouterKit.PLAIN);
    awaitWaiting(1);
    RawClient.Answer answer = ask("too many", RouterKit.PLAIN).read();
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.body()).contains("queue_full");
    assertThat(Long.parseLong(answer.header("retry-after-ms"))).isPositive();
    assertThat(Long.parseLong(answer.header("retry-after"))).isPositive();
    assertThat(kit.count("headrace.queue.refusals", "reason", "full", "class", "medium"))
        .isEqualTo(1);
    assertThat(kit.count("headrace.refusals", "code", "queue_full")).isEqualTo(1);
  }

  @Test
  void otherSettingsHoldAtOnceForALineThatIsOpen() throws Exception {
    kit.start();
    occupy();
    ask("long", longPrompt(4000));
    awaitWaiting(1);
    ask("short", RouterKit.PLAIN);
    awaitWaiting(2);
    kit.admission(
        new HeadraceConfig.Admission(2, Duration.ofSeconds(30), Order.SHORTEST_JOB_FIRST));
    assertThat(ask("too many", RouterKit.PLAIN).read().body()).contains("queue_full");
    kit.admission(
        new HeadraceConfig.Admission(3, Duration.ofSeconds(30), Order.SHORTEST_JOB_FIRST));
    ask("third", RouterKit.PLAIN);
    awaitWaiting(3);
    go.release(4);
    await().atMost(20, TimeUnit.SECONDS).until(() -> worker.requests.size() == 4);
    assertThat(worker.requests.stream().map(seen -> seen.header("x-request-id")))
        .containsExactly("first", "short", "third", "long");
    kit.assertNothingHeld();
  }

  @Test
  void aShorterWaitRefusesThoseWhoWaitAlready() throws Exception {
    kit.start();
    occupy();
    RawClient waits = ask("waits", RouterKit.PLAIN);
    awaitWaiting(1);
    kit.admission(new HeadraceConfig.Admission(10, Duration.ofMillis(1), Order.FCFS));
    assertThat(waits.read().body()).contains("queue_timeout");
    awaitWaiting(0);
  }

  private static String longPrompt(int bytes) {
    return RouterKit.PLAIN.replace("hi", "word ".repeat(bytes / 5));
  }

  @Test
  void waitingIsBounded() throws Exception {
    kit.options.maxWait = Duration.ofMillis(300);
    kit.start();
    occupy();
    RawClient.Answer answer = ask("waits", RouterKit.PLAIN).read();
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body()).contains("queue_timeout");
    assertThat(answer.header("retry-after-ms")).isNotNull();
    assertThat(kit.count("headrace.queue.refusals", "reason", "wait")).isEqualTo(1);
    awaitWaiting(0);
  }

  @Test
  void aStreamWhoseFirstTokenCannotComeInTimeIsRefused() throws Exception {
    kit.options.firstToken = Duration.ofMillis(500);
    kit.start();
    occupy();
    RawClient.Answer answer = ask("late", RouterKit.STREAM).read();
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body()).contains("queue_timeout");
    assertThat(kit.count("headrace.queue.refusals", "reason", "deadline")).isEqualTo(1);
  }

  @Test
  void aStreamGetsCommentLinesWhileItWaitsAndItsTokensAfterwards() throws Exception {
    kit.options.comment = Duration.ofMillis(300);
    kit.start();
    occupy();
    RawClient stream = ask("stream", RouterKit.STREAM);
    assertThat(stream.readHead().status()).isEqualTo(200);
    assertThat(stream.readUntil(": waiting")).isNotNull();
    assertThat(stream.readUntil(": waiting")).isNotNull();
    assertThat(kit.gauge("headrace.queue.depth")).isEqualTo(1);
    go.release(2);
    assertThat(stream.readUntil("\"a\"")).isNotNull();
    assertThat(stream.readUntil("[DONE]")).isNotNull();
    kit.assertNothingHeld();
  }

  @Test
  void aStreamThatWaitedWithCommentLinesIsStillTriedOnAnotherWorker() throws Exception {
    Semaphore otherGo = new Semaphore(0);
    try (ScriptedWorker other =
        new ScriptedWorker(
            talk -> {
              otherGo.tryAcquire(30, TimeUnit.SECONDS);
              talk.streamHead().chunk(Frames.token("second")).chunk(Frames.DONE).lastChunk();
            })) {
      kit.worker("b", "vllm", "m", other.port(), 1, null);
      kit.options.comment = Duration.ofMillis(300);
      kit.start();
      RawClient first = ask("first", RouterKit.STREAM);
      RawClient second = ask("second", RouterKit.STREAM);
      await()
          .atMost(20, TimeUnit.SECONDS)
          .until(() -> worker.requests.size() == 1 && other.requests.size() == 1);
      RawClient waits = ask("waits", RouterKit.STREAM);
      awaitWaiting(1);
      assertThat(waits.readHead().status()).isEqualTo(200);
      assertThat(waits.readUntil(": waiting")).isNotNull();
      // The place that comes free is on a worker that now fails; the other one is still full.
      worker.script(talk -> talk.close());
      go.release();
      await().atMost(20, TimeUnit.SECONDS).until(() -> kit.count("headrace.retries") == 1);
      awaitWaiting(1);
      assertThat(waits.readUntil(": waiting")).isNotNull();
      otherGo.release(2);
      assertThat(waits.readUntil("\"second\"")).isNotNull();
      assertThat(waits.readUntil("[DONE]")).isNotNull();
      for (RawClient early : List.of(first, second)) {
        assertThat(early.read().body()).contains("[DONE]");
      }
      assertThat(kit.count("headrace.retries")).isEqualTo(1);
      kit.assertNothingHeld();
    }
  }

  @Test
  void aRefusalAfterCommentLinesIsAnErrorEvent() throws Exception {
    kit.options.comment = Duration.ofMillis(300);
    kit.options.maxWait = Duration.ofSeconds(2);
    kit.start();
    occupy();
    RawClient.Answer answer = ask("stream", RouterKit.STREAM).read();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains(": waiting", "queue_timeout").doesNotContain("[DONE]");
  }

  @Test
  void moreCapacityIsNoticedWithoutALeaseThatCloses() throws Exception {
    kit.start();
    occupy();
    ask("second", RouterKit.PLAIN);
    awaitWaiting(1);
    kit.workers.get("a").ledger().update(2);
    await().atMost(20, TimeUnit.SECONDS).until(() -> worker.requests.size() == 2);
    awaitWaiting(0);
  }

  @Test
  void withoutAnyWorkerThatCouldTakeThemNobodyWaits() throws Exception {
    kit.start();
    occupy();
    RawClient waits = ask("waits", RouterKit.PLAIN);
    awaitWaiting(1);
    kit.workers.get("a").live().drainedByOperator(true);
    RawClient.Answer arrives = ask("arrives", RouterKit.PLAIN).read();
    assertThat(arrives.status()).isEqualTo(503);
    assertThat(arrives.body()).contains("no_worker_available");
    assertThat(waits.read().body()).contains("no_worker_available");
    assertThat(kit.count("headrace.queue.refusals", "reason", "no_worker")).isEqualTo(1);
  }

  @Test
  void aStopRefusesThoseWhoWaitAndFinishesWhatRuns() throws Exception {
    kit.start();
    RawClient first = occupy();
    RawClient waits = ask("waits", RouterKit.PLAIN);
    awaitWaiting(1);
    var stopped = kit.server.shutdown();
    RawClient.Answer answer = waits.read();
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body()).contains("shutting_down");
    go.release();
    assertThat(first.read().status()).isEqualTo(200);
    await().atMost(20, TimeUnit.SECONDS).until(stopped::succeeded);
    assertThat(kit.count("headrace.queue.refusals", "reason", "shutdown")).isEqualTo(1);
  }

  @Test
  void manyClientsThatComeWaitAndLeaveLeakNothing() throws Exception {
    kit.start();
    go.release(100_000);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 12; t++) {
      int me = t;
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 40; i++) {
                  try (RawClient client = kit.client()) {
                    client.post(RouterKit.CHAT, i % 2 == 0 ? RouterKit.PLAIN : RouterKit.STREAM);
                    if ((i + me) % 3 != 0) {
                      client.read();
                    }
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join(60_000);
      assertThat(thread.isAlive()).isFalse();
    }
    awaitWaiting(0);
    kit.assertNothingHeld();
  }
}

package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.HeadraceConfig.KeyLimits;
import dev.headrace.router.kit.ForgottenBuffers;
import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import dev.headrace.router.limit.LimitState;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An exchange in which something throws ends with an error, gives back all that it held, and does
 * not touch the others of its loop.
 */
class FaultsEndOneExchangeTest {
  private static final Logger TOLD = Logger.getLogger(Exchange.class.getName());

  private final RouterKit kit = new RouterKit();
  private volatile ScriptedWorker.Script script = Frames.twoTokens();
  private ScriptedWorker worker;

  @BeforeEach
  void start() throws Exception {
    TOLD.setLevel(Level.OFF);
    worker = new ScriptedWorker(talk -> script.play(talk));
    kit.options.rateLimits =
        new HeadraceConfig.RateLimits(
            new KeyLimits(1_000_000L, 1_000_000_000L, 1_000L, null), Map.of());
    kit.options.firstToken = Duration.ofSeconds(1);
    kit.worker("a", "vllm", "m", worker.port(), 2, null).start();
  }

  @AfterEach
  void close() throws Exception {
    TOLD.setLevel(null);
    kit.close();
    worker.close();
  }

  /**
   * Each of these faults in turn, while another request of the loop waits for a clock. What comes
   * back is 500, an error event or a connection that closes; and nothing stays.
   *
   * @param faults what throws, and what the worker does
   */
  private void endAlone(String body, String[][] faults) throws Exception {
    try (ForgottenBuffers forgotten = new ForgottenBuffers();
        RawClient stalled = stalled()) {
      for (String[] each : faults) {
        script = script(each[1]);
        kit.faults.in(each[0]);
        try (RawClient client = kit.client()) {
          Answer answer = client.post(RouterKit.CHAT, body).read();
          boolean whole = answer != null && answer.clean();
          if (whole && !answer.body().contains("internal_error")) {
            assertThat(each[0]).as(each[1] + ": " + answer).isEqualTo("AccessLog.write");
          }
        } catch (SocketTimeoutException e) {
          throw new AssertionError(List.of(each) + " hangs", e);
        }
        kit.faults.none();
        await()
            .pollDelay(Duration.ZERO)
            .atMost(20, TimeUnit.SECONDS)
            .untilAsserted(() -> assertThat(held(1)).as(each[0] + ", " + each[1]).isTrue());
      }
      assertThat(stalled.read().status()).isEqualTo(504);
      assertNothingStays();
      assertThat(forgotten.found()).isEmpty();
    }
    script = Frames.twoTokens();
    assertThat(kit.post(RouterKit.CHAT, RouterKit.STREAM).body()).endsWith(Frames.DONE);
  }

  /** A request that only a clock will end. */
  private RawClient stalled() throws Exception {
    script = talk -> talk.awaitPeerClose();
    int before = worker.requests.size();
    RawClient client = kit.client().post(RouterKit.CHAT, RouterKit.STREAM);
    await().atMost(20, TimeUnit.SECONDS).until(() -> worker.requests.size() > before);
    return client;
  }

  /** True when no more than so many requests hold anything. */
  private boolean held(int requests) {
    LimitState account = kit.server.limits().get(0);
    return kit.server.inFlight() <= requests
        && kit.workers.get("a").ledger().inFlight() <= requests
        && account.inFlight() <= requests;
  }

  private void assertNothingStays() {
    kit.assertNothingHeld();
    await().atMost(20, TimeUnit.SECONDS).until(() -> held(0));
    assertThat(kit.server.limits().get(0).reservedTokens()).isZero();
  }

  private static ScriptedWorker.Script script(String name) {
    return switch (name) {
      case "stream" -> Frames.twoTokens();
      case "json" -> Frames.json();
      case "500" -> talk -> talk.answer(500, "text/plain", "no");
      case "event" -> talk -> talk.streamHead().chunk("data: {\"error\":{}}\n\n").lastChunk();
      case "late event" ->
          talk ->
              talk.streamHead()
                  .chunk(Frames.token("a"))
                  .chunk("data: {\"error\":{}}\n\n")
                  .awaitPeerClose();
      case "died" -> talk -> talk.streamHead().chunk(Frames.token("a")).close();
      case "closed" -> ScriptedWorker.Talk::close;
      default -> throw new IllegalArgumentException(name);
    };
  }

  @Test
  void inAStream() throws Exception {
    endAlone(
        RouterKit.STREAM,
        new String[][] {
          {"FleetView.current", "stream"},
          {"Dispatch.explainer", "stream"},
          {"Explainer.expect", "stream"},
          {"Dispatch.ask", "stream"},
          {"Engine.pathOf", "stream"},
          {"Engine.takesStreamOptions", "stream"},
          {"Engine.loadHeader", "stream"},
          {"Engine.streamEnd", "stream"},
          {"Engine.failure", "500"},
          {"Engine.streamFailure", "event"},
          {"Engine.streamFailure", "late event"},
          {"Dispatch.learn", "stream"},
          {"WorkerSignals.succeeded", "stream"},
          {"WorkerSignals.failed", "500"},
          {"WorkerSignals.failed", "died"},
          {"WorkerSignals.failed", "closed"},
          {"AccessLog.write", "stream"},
          {"AccessLog.write", "died"},
          {"AccessLog.write", "500"}
        });
  }

  @Test
  void inAnAnswerInOnePiece() throws Exception {
    endAlone(
        RouterKit.PLAIN,
        new String[][] {
          {"Engine.failure", "500"},
          {"Engine.pathOf", "json"},
          {"Engine.loadHeader", "json"},
          {"Dispatch.learn", "json"},
          {"WorkerSignals.succeeded", "json"},
          {"WorkerSignals.failed", "closed"},
          {"AccessLog.write", "json"}
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"Dispatch.tick", "WorkerSignals.failed", "AccessLog.write"})
  void inTheSweep(String fault) throws Exception {
    try (RawClient one = stalled();
        RawClient two = stalled()) {
      kit.faults.in(fault);
      for (RawClient each : new RawClient[] {one, two}) {
        assertThat(each.read().status()).isIn(500, 504);
      }
      await().atMost(20, TimeUnit.SECONDS).until(() -> worker.closedByPeer.get() == 2);
      kit.faults.none();
      assertNothingStays();
    }
  }

  @Test
  void inTheAccountOfAClientThatLeft() throws Exception {
    try (RawClient client = stalled()) {
      kit.faults.in("AccessLog.write");
      client.reset();
      await().atMost(20, TimeUnit.SECONDS).until(() -> worker.closedByPeer.get() == 1);
      assertNothingStays();
    }
  }

  @Test
  void inTheQueueThatAClientLeaves() throws Exception {
    try (RawClient one = stalled();
        RawClient two = stalled();
        RawClient waiting = kit.client()) {
      waiting.post(RouterKit.CHAT, RouterKit.STREAM);
      awaitQueued();
      kit.faults.in("Waiting.cancel");
      waiting.reset();
      await().atMost(20, TimeUnit.SECONDS).until(() -> held(2));
      assertThat(one.read().status()).isEqualTo(504);
      assertThat(two.read().status()).isEqualTo(504);
      assertNothingStays();
    }
  }

  /** Whoever frees a place looks for the next one who waits: a fault in that is not its own. */
  @Test
  void inTheLookForTheNextOneThatWaits() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (RawClient stalled = stalled();
        RawClient first = kit.client();
        RawClient waiting = kit.client()) {
      script =
          talk -> {
            go.await(20, TimeUnit.SECONDS);
            Frames.json().play(talk);
          };
      first.post(RouterKit.CHAT, RouterKit.PLAIN);
      await().atMost(20, TimeUnit.SECONDS).until(() -> worker.requests.size() == 2);
      waiting.post(RouterKit.CHAT, RouterKit.PLAIN);
      awaitQueued();
      kit.faults.in("Engine.pathOf");
      go.countDown();
      assertThat(first.read().status()).isEqualTo(200);
      kit.faults.none();
      assertThat(waiting.read().status()).isEqualTo(200);
      assertThat(stalled.read().status()).isEqualTo(504);
      assertNothingStays();
    }
  }

  private void awaitQueued() {
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(kit.gauge("headrace.queue.depth")).isEqualTo(1));
  }
}

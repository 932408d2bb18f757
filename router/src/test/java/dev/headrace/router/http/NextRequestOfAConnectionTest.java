package dev.headrace.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What comes on a connection behind its first request has the same clocks, or is no request. */
class NextRequestOfAConnectionTest {
  private static final String BEGIN = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n";

  private static String request(String body) {
    return BEGIN
        + "Content-Type: application/json\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  /** Closed before the idle time is over, and long before the client's patience. */
  private void aHeadThatDrips(String behindTheFirst) throws Exception {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.header = Duration.ofSeconds(1);
      kit.options.clientIdle = Duration.ofSeconds(60);
      kit.start();
      try (RawClient client = kit.client()) {
        client.send(request(RouterKit.PLAIN) + behindTheFirst);
        assertThat(client.read().status()).isEqualTo(200);
        AtomicInteger sent = new AtomicInteger();
        long began = System.nanoTime();
        clock.scheduleAtFixedRate(
            () -> {
              try {
                client.send(sent.getAndIncrement() == 0 ? BEGIN + "x-drips: " : "x");
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            },
            0,
            100,
            TimeUnit.MILLISECONDS);
        assertThat(client.closedByPeer()).isTrue();
        assertThat(System.nanoTime() - began)
            .isBetween(TimeUnit.MILLISECONDS.toNanos(900), TimeUnit.SECONDS.toNanos(15));
        assertThat(sent.get()).isGreaterThan(5);
      }
      assertThat(worker.requests).hasSize(1);
    } finally {
      clock.shutdownNow();
    }
  }

  @Test
  void aSecondHeadThatDripsIsGivenUpAsTheFirst() throws Exception {
    aHeadThatDrips("");
  }

  @Test
  void aThirdHeadThatDripsBehindTwoRequestsAtOnce() throws Exception {
    aHeadThatDrips(request("{}"));
  }

  @Test
  void butAConnectionMayBeSilentForLongerThanAHeadMayTake() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.header = Duration.ofMillis(200);
      kit.start();
      try (RawClient client = kit.client()) {
        assertThat(client.post(RouterKit.CHAT, RouterKit.PLAIN).read().status()).isEqualTo(200);
        long answered = System.nanoTime();
        await().until(() -> System.nanoTime() - answered > TimeUnit.MILLISECONDS.toNanos(900));
        assertThat(client.post(RouterKit.CHAT, RouterKit.PLAIN).read().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void whatFollowsAnAnswerThatIsTheLastIsNeverExecuted() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      kit.server.drain();
      for (int i = 1; i <= 20; i++) {
        try (RawClient client = kit.client()) {
          client.send(request(RouterKit.PLAIN).repeat(3));
          assertThat(client.read().header("connection")).isEqualTo("close");
          assertThat(client.readHead()).isNull();
        }
        assertThat(worker.requests).hasSize(i);
      }
      kit.assertNothingHeld();
    }
  }

  @Test
  void norWhatIsSentWhenThatAnswerIsThere() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      kit.server.drain();
      for (int i = 1; i <= 50; i++) {
        try (RawClient client = kit.client()) {
          assertThat(client.post(RouterKit.CHAT, RouterKit.PLAIN).readHead().status())
              .isEqualTo(200);
          client.send(request(RouterKit.PLAIN));
          assertThat(client.closedByPeer()).isTrue();
        } catch (IOException e) {
          // It was closed before that could be sent.
        }
        assertThat(worker.requests).hasSize(i);
      }
      kit.assertNothingHeld();
    }
  }

  @Test
  void norWhatStandsBehindABodyThatNobodyWanted() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.maxBody = 100_000;
      kit.start();
      String large = "{\"x\":\"" + request(RouterKit.PLAIN).repeat(1_000) + "\"}";
      try (RawClient client = kit.client()) {
        client.send(request(large) + request(RouterKit.PLAIN));
        Answer refused = client.read();
        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.header("connection")).isEqualTo("close");
        assertThat(client.readHead()).isNull();
      }
      assertThat(worker.requests).isEmpty();
      kit.assertNothingHeld();
    }
  }

  @Test
  void aSecondRequestThatCameWithTheFirstIsStreamedToASlowReader() throws Exception {
    String chunk = Frames.token("x".repeat(16_000));
    int chunks = 2_000;
    AtomicLong sent = new AtomicLong();
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  if (!talk.request().body().contains("\"stream\":true")) {
                    Frames.json().play(talk);
                    return;
                  }
                  talk.streamHead();
                  for (int i = 0; i < chunks; i++) {
                    talk.chunk(chunk);
                    sent.incrementAndGet();
                  }
                  talk.chunk(Frames.DONE).lastChunk();
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start();
        RawClient client = new RawClient(kit.server.port(), 8192)) {
      client.send(request(RouterKit.PLAIN) + request(RouterKit.STREAM));
      long[] last = {-1};
      await()
          .atMost(30, TimeUnit.SECONDS)
          .pollInterval(Duration.ofMillis(300))
          .until(
              () -> {
                long now = sent.get();
                boolean same = now > 0 && now == last[0];
                last[0] = now;
                return same;
              });
      assertThat(sent.get()).as("held back").isLessThan(chunks);
      assertThat(client.read().status()).isEqualTo(200);
      assertThat(client.read().body()).endsWith(Frames.DONE);
    }
  }
}

package dev.headrace.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.HeadraceConfig.KeyLimits;
import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import dev.headrace.router.limit.LimitState;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits of API keys as clients meet them, over real sockets. */
class RateLimitsOverTheWireTest {
  private static final String ALICE = "Authorization: Bearer sk-alice";
  private static final String BOB = "Authorization: Bearer sk-bob";

  @TempDir private Path dir;
  private final RouterKit kit = new RouterKit();
  private ScriptedWorker worker;

  @BeforeEach
  void open() throws Exception {
    worker = new ScriptedWorker(Frames.json());
    kit.options.keysFile =
        Files.writeString(dir.resolve("keys.txt"), "alice:sk-alice\nbob:sk-bob\n");
    kit.worker("a", "vllm", "m", worker.port());
  }

  @AfterEach
  void close() throws Exception {
    kit.close();
    worker.close();
  }

  private void start(Long requests, Long tokens, Long concurrency) throws Exception {
    kit.options.rateLimits =
        new HeadraceConfig.RateLimits(
            KeyLimits.UNTOLD, Map.of("alice", new KeyLimits(requests, tokens, concurrency, null)));
    kit.start();
  }

  private LimitState alice() {
    assertThat(kit.server.limits()).hasSize(1);
    return kit.server.limits().get(0);
  }

  private void awaitNothingHeld() {
    kit.assertNothingHeld();
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              assertThat(alice().inFlight()).isZero();
              assertThat(alice().reservedTokens()).isZero();
            });
  }

  @Test
  void requestsBeyondTheLimitAreRefusedUntilTheBucketRefills() throws Exception {
    start(30L, null, null);
    RawClient.Answer first = kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE);
    assertThat(first.status()).isEqualTo(200);
    assertThat(first.header("x-ratelimit-limit-requests")).isEqualTo("30");
    assertThat(first.header("x-ratelimit-reset-requests")).matches("[\\d.]+(s|ms)");
    assertThat(first.headers()).doesNotContainKey("x-ratelimit-limit-tokens");

    RawClient.Answer refused = first;
    for (int i = 0; i < 200 && refused.status() == 200; i++) {
      refused = kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE);
    }
    assertThat(refused.status()).isEqualTo(429);
    JsonObject error = new JsonObject(refused.body()).getJsonObject("error");
    assertThat(error.getString("type")).isEqualTo("requests");
    assertThat(error.getString("code")).isEqualTo("rate_limit_exceeded");
    assertThat(error.containsKey("param")).isTrue();
    assertThat(error.getString("message")).contains("30 requests per minute", "'alice'");
    // One may have come back between the refusal and its head.
    assertThat(refused.header("x-ratelimit-remaining-requests")).isIn("0", "1");
    long wait = Long.parseLong(refused.header("retry-after-ms"));
    assertThat(wait).isBetween(1L, 2_000L);
    assertThat(refused.header("retry-after")).isIn("1", "2");
    assertThat(refused.header("x-should-retry")).isEqualTo("true");
    assertThat(refused.header("x-request-id")).isNotNull();
    assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN, BOB).status()).isEqualTo(200);

    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE).status() == 200);
    awaitNothingHeld();
    assertThat(kit.log).anyMatch(line -> "alice".equals(line.key()) && line.status() == 429);
    String scrape = kit.registry.scrape();
    assertThat(scrape)
        .containsPattern(
            "headrace_limit_refusals_total\\{key=\"alice\",limit=\"requests\"\\} [1-9]")
        .containsPattern(
            "headrace_limit_used_ratio\\{key=\"alice\",limit=\"requests\"\\} 0\\.[1-9]")
        .contains("headrace_refusals_total{code=\"rate_limit_exceeded\"}")
        .doesNotContain("key=\"bob\"");
  }

  @Test
  void aRefusalNeedsNoNewConnection() throws Exception {
    start(1L, null, null);
    try (RawClient client = kit.client()) {
      assertThat(client.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE).read().status())
          .isEqualTo(200);
      RawClient.Answer refused = client.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE).read();
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.headers()).doesNotContainKey("connection");
      // The answer comes before the body was sent, and the body is read past.
      String head = "POST " + RouterKit.CHAT + " HTTP/1.1\r\nHost: r\r\n" + ALICE + "\r\n";
      client.send(head + "Content-Length: " + RouterKit.PLAIN.length() + "\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(429);
      client.send(RouterKit.PLAIN);
      assertThat(client.post(RouterKit.CHAT, RouterKit.PLAIN, BOB).read().status()).isEqualTo(200);
    }
    try (RawClient client = kit.client()) {
      client.send(
          "POST "
              + RouterKit.CHAT
              + " HTTP/1.1\r\nHost: r\r\n"
              + ALICE
              + "\r\nContent-Length: 900000\r\n\r\n");
      RawClient.Answer refused = client.read();
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.header("connection")).isEqualTo("close");
      assertThat(client.closedByPeer()).isTrue();
    }
    assertThat(worker.requests).hasSize(2);
    awaitNothingHeld();
  }

  @Test
  void tokensAreReservedOnTheWayInAndSettledByUsage() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    worker.script(
        talk -> {
          go.await(20, TimeUnit.SECONDS);
          Frames.json().play(talk);
        });
    start(null, 300L, null);
    try (RawClient client = kit.client()) {
      client.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE);
      await().atMost(20, TimeUnit.SECONDS).until(() -> worker.requests.size() == 1);
      // A prompt of some bytes, and 200 tokens of output that nothing is known about yet.
      assertThat(alice().reservedTokens()).isBetween(201L, 240L);
      assertThat(alice().tokens().remaining()).isLessThan(250);
      go.countDown();
      RawClient.Answer answer = client.read();
      assertThat(answer.header("x-ratelimit-limit-tokens")).isEqualTo("300");
      assertThat(answer.header("x-ratelimit-reset-tokens")).matches("[\\dm.]+s");
      assertThat(answer.headers()).doesNotContainKey("x-ratelimit-limit-requests");
    }
    awaitNothingHeld();
    assertThat(alice().tokens().remaining()).as("5 and 2 were used").isGreaterThanOrEqualTo(293);
  }

  @Test
  void tokensBeyondTheLimitAreRefusedBeforeAnyWorkerIsAsked() throws Exception {
    worker.script(
        talk -> talk.json(200, "{\"usage\":{\"prompt_tokens\":900,\"completion_tokens\":600}}"));
    start(null, 1_000L, null);
    assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE).status()).isEqualTo(200);
    awaitNothingHeld();
    RawClient.Answer refused = kit.post(RouterKit.CHAT, RouterKit.STREAM, ALICE);
    assertThat(refused.status()).isEqualTo(429);
    JsonObject error = new JsonObject(refused.body()).getJsonObject("error");
    assertThat(error.getString("type")).isEqualTo("tokens");
    assertThat(error.getString("code")).isEqualTo("rate_limit_exceeded");
    assertThat(refused.header("x-ratelimit-remaining-tokens")).isEqualTo("0");
    assertThat(refused.header("x-ratelimit-reset-tokens")).startsWith("1m");
    // 500 are owed and what this one may use comes on top.
    assertThat(Long.parseLong(refused.header("retry-after-ms"))).isBetween(30_000L, 60_000L);
    assertThat(refused.header("x-should-retry")).isEqualTo("true");
    // Tokenizers use none.
    worker.script(talk -> talk.json(200, "{\"tokens\":[1]}"));
    assertThat(kit.post("/tokenize", "{\"model\":\"m\",\"prompt\":\"a\"}", ALICE).status())
        .isEqualTo(200);
    assertThat(worker.requests).hasSize(2);
    awaitNothingHeld();
  }

  @Test
  void aWaitThatNoLibraryWouldSitOutIsNotWorthRetrying() throws Exception {
    worker.script(
        talk -> talk.json(200, "{\"usage\":{\"prompt_tokens\":90000,\"completion_tokens\":0}}"));
    start(null, 1_000L, null);
    assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE).status()).isEqualTo(200);
    awaitNothingHeld();
    RawClient.Answer refused = kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(Long.parseLong(refused.header("retry-after-ms"))).isGreaterThan(60_000);
    assertThat(refused.header("x-should-retry")).isEqualTo("false");
  }

  @Test
  void messagesHaveAnthropicsFormAndHeaders() throws Exception {
    start(2L, 100_000L, null);
    String body = "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[]}";
    assertThat(kit.post("/v1/messages", body, ALICE).status()).isEqualTo(200);
    assertThat(kit.post("/v1/messages", body, ALICE).status()).isEqualTo(200);
    RawClient.Answer refused = kit.post("/v1/messages", body, ALICE);
    assertThat(refused.status()).isEqualTo(429);
    JsonObject answer = new JsonObject(refused.body());
    assertThat(answer.getString("type")).isEqualTo("error");
    assertThat(answer.getJsonObject("error").getString("type")).isEqualTo("rate_limit_error");
    assertThat(refused.header("anthropic-ratelimit-requests-limit")).isEqualTo("2");
    assertThat(refused.header("anthropic-ratelimit-requests-remaining")).isEqualTo("0");
    Instant reset = Instant.parse(refused.header("anthropic-ratelimit-requests-reset"));
    assertThat(reset).isBetween(Instant.now(), Instant.now().plusSeconds(62));
    assertThat(refused.header("anthropic-ratelimit-tokens-limit")).isEqualTo("100000");
    assertThat(refused.header("x-ratelimit-limit-requests")).isEqualTo("2");
    assertThat(refused.header("retry-after-ms")).isNotNull();
  }

  @Test
  void everyAnswerHasTheHeadersAndTheyAreNotTheWorkers() throws Exception {
    worker.script(
        talk ->
            talk.send(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                    + "x-ratelimit-limit-requests: 777\r\nx-ratelimit-limit-tokens: 777\r\n\r\n{}"));
    start(6L, null, null);
    RawClient.Answer plain = kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE);
    assertThat(plain.header("x-ratelimit-limit-requests")).isEqualTo("6");
    assertThat(plain.header("x-ratelimit-remaining-requests")).isEqualTo("5");
    assertThat(plain.headers()).doesNotContainKey("x-ratelimit-limit-tokens");
    worker.script(Frames.twoTokens());
    assertThat(
            kit.post(RouterKit.CHAT, RouterKit.STREAM, ALICE).header("x-ratelimit-limit-requests"))
        .isEqualTo("6");
    worker.script(talk -> talk.json(400, "{\"error\":{\"message\":\"m\"}}"));
    RawClient.Answer wrong = kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE);
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.header("x-ratelimit-remaining-requests")).isLessThan("5");
    RawClient.Answer unknown = kit.post(RouterKit.CHAT, "{\"model\":\"x\"}", ALICE);
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.header("x-ratelimit-limit-requests")).isEqualTo("6");
    assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN, BOB).headers().keySet())
        .noneMatch(name -> name.contains("ratelimit"));
    assertThat(kit.get("/v1/models", ALICE).headers().keySet())
        .noneMatch(name -> name.contains("ratelimit"));
  }

  @Test
  void placesComeBackOnEveryEnding() throws Exception {
    kit.options.firstToken = Duration.ofMillis(300);
    kit.options.idle = Duration.ofMillis(300);
    kit.options.attempts = 1;
    start(null, 1_000_000L, 1L);
    // Success, a client's mistake, a worker's failure before and after the head, a silence.
    ScriptedWorker.Script[] endings = {
      Frames.twoTokens(),
      talk -> talk.json(400, "{}"),
      talk -> talk.close(),
      talk -> talk.streamHead().chunk(Frames.token("a")).reset(),
      talk -> talk.streamHead().chunk(Frames.token("a")).awaitPeerClose(),
      talk -> talk.awaitPeerClose(),
    };
    for (ScriptedWorker.Script ending : endings) {
      worker.script(ending);
      assertThat(kit.post(RouterKit.CHAT, RouterKit.STREAM, ALICE).status()).isNotEqualTo(429);
      awaitNothingHeld();
    }
    assertThat(kit.post(RouterKit.CHAT, "{", ALICE).status()).isEqualTo(400);
    awaitNothingHeld();
    // A client that leaves, in the middle of a stream.
    worker.script(talk -> talk.streamHead().chunk(Frames.token("a")).awaitPeerClose());
    try (RawClient client = kit.client()) {
      client.post(RouterKit.CHAT, RouterKit.STREAM, ALICE);
      assertThat(client.readUntil("\"a\"")).isNotNull();
    }
    awaitNothingHeld();
    // And one that leaves before its body was sent.
    try (RawClient client = kit.client()) {
      client.send(
          "POST "
              + RouterKit.CHAT
              + " HTTP/1.1\r\nHost: r\r\n"
              + ALICE
              + "\r\nContent-Length: 9\r\n\r\n");
      await().atMost(20, TimeUnit.SECONDS).until(() -> alice().inFlight() == 1);
    }
    awaitNothingHeld();
  }

  @Test
  void requestsAtTheSameTimeAreCountedFromHeadToEnd() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    worker.script(
        talk -> {
          go.await(20, TimeUnit.SECONDS);
          Frames.json().play(talk);
        });
    start(null, null, 2L);
    try (RawClient one = kit.client();
        RawClient two = kit.client()) {
      one.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE);
      two.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE);
      await().atMost(20, TimeUnit.SECONDS).until(() -> worker.requests.size() == 2);
      RawClient.Answer refused = kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE);
      assertThat(refused.status()).isEqualTo(429);
      assertThat(new JsonObject(refused.body()).getJsonObject("error").getString("type"))
          .isEqualTo("concurrency");
      assertThat(refused.header("retry-after-ms")).isEqualTo("1000");
      assertThat(kit.registry.scrape())
          .contains("headrace_limit_used_ratio{key=\"alice\",limit=\"concurrency\"} 1.0");
      go.countDown();
      assertThat(one.read().status()).isEqualTo(200);
      assertThat(two.read().status()).isEqualTo(200);
    }
    awaitNothingHeld();
    assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE).status()).isEqualTo(200);
  }

  @Test
  void whoAsksOneAfterAnotherNeverMeetsItsOwnLastRequest() throws Exception {
    kit.options.loops = 2;
    start(null, null, 1L);
    for (int i = 0; i < 300; i++) {
      worker.script(i % 3 == 0 ? talk -> talk.json(400, "{}") : Frames.json());
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE).status())
          .isEqualTo(i % 3 == 0 ? 400 : 200);
    }
  }

  @Test
  void withoutKeysTheDefaultHoldsForAllTogether() throws Exception {
    kit.options.keysFile = null;
    kit.options.rateLimits =
        new HeadraceConfig.RateLimits(new KeyLimits(2L, null, null, null), Map.of());
    kit.start();
    assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
    assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
    RawClient.Answer refused = kit.post(RouterKit.CHAT, RouterKit.PLAIN);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.body()).doesNotContain("API key");
    assertThat(kit.registry.scrape())
        .contains("headrace_limit_refusals_total{key=\"anonymous\",limit=\"requests\"} 1.0");
  }

  @Test
  void aKeysClassIsTheDefaultAndTheHighestOfItsRequests() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    worker.script(
        talk -> {
          go.await(20, TimeUnit.SECONDS);
          Frames.json().play(talk);
        });
    kit.worker("full", "vllm", "n", worker.port(), 1, null);
    kit.options.rateLimits =
        new HeadraceConfig.RateLimits(
            KeyLimits.UNTOLD,
            Map.of(
                "alice", new KeyLimits(null, null, null, Priority.LOW),
                "bob", new KeyLimits(null, null, null, Priority.HIGH)));
    kit.start();
    String ask = RouterKit.PLAIN.replace("\"m\"", "\"n\"");
    try (RawClient first = kit.client();
        RawClient alice = kit.client();
        RawClient bob = kit.client()) {
      first.post(RouterKit.CHAT, ask, BOB);
      await().atMost(20, TimeUnit.SECONDS).until(() -> worker.requests.size() == 1);
      alice.post(RouterKit.CHAT, ask, ALICE, "x-headrace-priority: high");
      awaitWaiting("low");
      bob.post(RouterKit.CHAT, ask, BOB);
      awaitWaiting("high");
      go.countDown();
      RawClient.Answer answer = alice.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.headers().keySet()).noneMatch(name -> name.contains("ratelimit"));
      assertThat(first.read().status()).isEqualTo(200);
      assertThat(bob.read().status()).isEqualTo(200);
    }
  }

  private void awaitWaiting(String priority) {
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () ->
                assertThat(
                        kit.registry
                            .get("headrace.queue.depth")
                            .tags("model", "n", "class", priority)
                            .gauge()
                            .value())
                    .isEqualTo(1));
  }

  @Test
  void limitsChangeWhileRequestsRun() throws Exception {
    start(1L, null, null);
    assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE).status()).isEqualTo(200);
    assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE).status()).isEqualTo(429);
    kit.server.limit(HeadraceConfig.RateLimits.NONE);
    RawClient.Answer free = kit.post(RouterKit.CHAT, RouterKit.PLAIN, ALICE);
    assertThat(free.status()).isEqualTo(200);
    assertThat(free.headers()).doesNotContainKey("x-ratelimit-limit-requests");
  }
}

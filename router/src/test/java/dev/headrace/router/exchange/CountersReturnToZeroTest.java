package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.HeadraceConfig.KeyLimits;
import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import dev.headrace.router.limit.LimitState;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whatever happens to requests, at the end nothing is held and each was counted exactly once. */
class CountersReturnToZeroTest {
  private static final int REQUESTS = 300;

  @Test
  void afterAnyMixOfEndings() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    ScriptedWorker.Script moody =
        talk -> {
          int mood;
          synchronized (random) {
            mood = random.nextInt(8);
          }
          switch (mood) {
            case 0 -> talk.close();
            case 1 -> talk.json(503, "{}");
            case 2 -> talk.streamHead().chunk(Frames.token("a")).close();
            case 3 -> talk.json(400, "{\"error\":{\"message\":\"m\",\"type\":\"t\"}}");
            case 4 -> talk.streamHead().chunk(Frames.token("a")).lastChunk();
            case 5 -> talk.reset();
            default -> Frames.twoTokens().play(talk);
          }
        };
    ExecutorService clients = Executors.newFixedThreadPool(8);
    try (ScriptedWorker a = new ScriptedWorker(moody);
        ScriptedWorker b = new ScriptedWorker(moody);
        RouterKit kit = new RouterKit()) {
      kit.options.loops = 2;
      kit.options.rateLimits =
          new HeadraceConfig.RateLimits(
              new KeyLimits(1_000_000L, 1_000_000_000L, 1_000L, null), Map.of());
      kit.worker("a", "vllm", "m", a.port()).worker("b", "vllm", "m", b.port()).start();
      CountDownLatch done = new CountDownLatch(REQUESTS);
      for (int i = 0; i < REQUESTS; i++) {
        boolean leaves = i % 5 == 0;
        clients.submit(
            () -> {
              try (RawClient client = kit.client()) {
                client.post(RouterKit.CHAT, RouterKit.STREAM);
                if (!leaves) {
                  client.read();
                }
              } finally {
                done.countDown();
              }
              return null;
            });
      }
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
      kit.assertNothingHeld();
      await()
          .atMost(20, TimeUnit.SECONDS)
          .untilAsserted(
              () -> {
                LimitState account = kit.server.limits().get(0);
                assertThat(account.inFlight()).isZero();
                assertThat(account.reservedTokens()).isZero();
              });
      // Those that left at once may have gone before their request was read.
      await()
          .atMost(20, TimeUnit.SECONDS)
          .untilAsserted(
              () -> assertThat(kit.log.size()).isBetween(REQUESTS - REQUESTS / 5, REQUESTS));
      assertThat(kit.count("headrace.requests")).isEqualTo(kit.log.size());
      assertThat(kit.log.stream().map(record -> record.requestId()).distinct())
          .hasSameSizeAs(kit.log);
    } finally {
      clients.shutdownNow();
    }
  }
}

package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.ForgottenBuffers;
import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A client that never reads stops its worker, and costs the router no more than a few buffers. */
class SlowReaderMemoryTest {
  /** Kernel buffers on four socket ends, the router's own queues among them. */
  private static final long BOUND = 32L << 20;

  @Test
  void theWorkerIsPausedWhileTheClientDoesNotRead() throws Exception {
    AtomicLong sent = new AtomicLong();
    String chunk = Frames.token("x".repeat(16_000));
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  talk.streamHead();
                  try {
                    while (sent.get() < 8 * BOUND) {
                      talk.chunk(chunk);
                      sent.addAndGet(chunk.length());
                    }
                  } catch (IOException e) {
                    // The test is over.
                  }
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start();
        RawClient client = new RawClient(kit.server.port(), 8192)) {
      client.post(RouterKit.CHAT, RouterKit.STREAM);
      await()
          .atMost(30, TimeUnit.SECONDS)
          .pollInterval(Duration.ofMillis(500))
          .until(stopsGrowing(sent));
      assertThat(sent.get()).isLessThan(BOUND);

      // The idle clock does not blame the worker for what the client does not take.
      long before = sent.get();
      assertThat(client.readUntil("xxx")).isNotNull();
      for (int i = 0; i < 3000 && sent.get() == before; i++) {
        assertThat(client.readUntil("xxx")).isNotNull();
      }
      assertThat(sent.get()).as("reading on lets the worker go on").isGreaterThan(before);
    }
  }

  @Test
  void aClientThatLeavesWhileItsWorkerIsHeldBackLeavesNoMemoryBehind() throws Exception {
    AtomicLong sent = new AtomicLong();
    String chunk = Frames.token("x".repeat(16_000));
    try (ForgottenBuffers forgotten = new ForgottenBuffers();
        ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  talk.streamHead();
                  try {
                    while (true) {
                      talk.chunk(chunk);
                      sent.addAndGet(chunk.length());
                    }
                  } catch (IOException e) {
                    // Its connection was closed.
                  }
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      for (int i = 0; i < 6; i++) {
        try (RawClient client = new RawClient(kit.server.port(), 8192)) {
          client.post(RouterKit.CHAT, RouterKit.STREAM);
          await()
              .atMost(30, TimeUnit.SECONDS)
              .pollInterval(Duration.ofMillis(300))
              .until(stopsGrowing(sent));
        }
      }
      kit.assertNothingHeld();
      assertThat(forgotten.found()).isEmpty();
    }
  }

  private static java.util.concurrent.Callable<Boolean> stopsGrowing(AtomicLong sent) {
    long[] last = {-1};
    return () -> {
      long now = sent.get();
      boolean same = now > 0 && now == last[0];
      last[0] = now;
      return same;
    };
  }
}

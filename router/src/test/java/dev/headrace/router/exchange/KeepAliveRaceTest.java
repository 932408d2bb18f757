package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * A pooled connection that the worker closes in the moment of its reuse costs no client a thing.
 */
class KeepAliveRaceTest {

  @Test
  void aReusedConnectionThatClosesBeforeAnyByteIsReplacedOnTheSameWorker() throws Exception {
    AtomicInteger played = new AtomicInteger();
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  // The second request comes on the kept connection: that one is dropped.
                  if (played.incrementAndGet() == 2) {
                    talk.close();
                  } else {
                    Frames.json().play(talk);
                  }
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.attempts = 1;
      kit.start();
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);

      assertThat(worker.requests).hasSize(3);
      assertThat(worker.connections.get()).isEqualTo(2);
      assertThat(kit.count("headrace.retries")).isZero();
      assertThat(kit.count("headrace.sent.again")).isEqualTo(1);
      assertThat(kit.signals).containsExactly("succeeded a", "succeeded a");
      kit.assertNothingHeld();
    }
  }

  @Test
  void aFreshConnectionThatClosesIsAFailure() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(talk -> talk.close());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(502);
      assertThat(worker.requests).hasSize(1);
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
}

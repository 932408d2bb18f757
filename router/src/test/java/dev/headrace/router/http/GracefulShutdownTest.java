package dev.headrace.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A stop takes nothing from streams that finish in time, and says so to those that do not. */
class GracefulShutdownTest {
  private final CountDownLatch go = new CountDownLatch(1);

  private ScriptedWorker halfway() throws IOException {
    return new ScriptedWorker(
        talk -> {
          talk.streamHead().chunk(Frames.token("a"));
          if (go.await(30, TimeUnit.SECONDS)) {
            talk.chunk(Frames.DONE).lastChunk();
          }
        });
  }

  private static void done(Future<Void> future) {
    await().atMost(20, TimeUnit.SECONDS).until(future::succeeded);
  }

  @Test
  void liveStreamsFinishAndNewRequestsAreRefused() throws Exception {
    try (ScriptedWorker worker = halfway();
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.loops = 2;
      kit.start();
      RawClient live = kit.client().post(RouterKit.CHAT, RouterKit.STREAM);
      assertThat(live.readHead().status()).isEqualTo(200);

      kit.server.drain();
      assertThat(kit.get("/readyz").status()).isEqualTo(503);
      assertThat(kit.get("/v1/models").header("connection")).isEqualTo("close");

      Future<Void> stopped = kit.server.shutdown();
      Answer refused = kit.post(RouterKit.CHAT, RouterKit.PLAIN);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.body()).contains("shutting_down");
      assertThat(refused.header("retry-after")).isNotNull();
      assertThat(stopped.isComplete()).isFalse();

      go.countDown();
      assertThat(live.readUntil("[DONE]")).isNotNull();
      done(stopped);
      assertThatThrownBy(() -> new RawClient(kit.server.port())).isInstanceOf(IOException.class);
      assertThat(kit.record().outcome()).isEqualTo("completed");
      kit.assertNothingHeld();
    }
  }

  @Test
  void afterTheGraceTheRestGetsAnError() throws Exception {
    try (ScriptedWorker worker = halfway();
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.grace = Duration.ofMillis(200);
      kit.start();
      RawClient live = kit.client().post(RouterKit.CHAT, RouterKit.STREAM);
      assertThat(live.readUntil("\"a\"")).isNotNull();
      Future<Void> stopped = kit.server.shutdown();
      assertThat(live.readUntil("shutting_down")).isNotNull();
      assertThat(live.closedByPeer()).isTrue();
      done(stopped);
      assertThat(kit.record().outcome()).isEqualTo("shutdown");
      kit.assertNothingHeld();
    }
  }
}

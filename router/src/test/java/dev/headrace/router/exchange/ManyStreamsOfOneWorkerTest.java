package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How much a worker takes is the dispatch's business: the wire has no bound of its own. */
class ManyStreamsOfOneWorkerTest {
  private static final int STREAMS = 1_100;

  @Test
  void overOneLoopAtOnce() throws Exception {
    long descriptors =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : Long.MAX_VALUE;
    assumeTrue(descriptors > 4 * STREAMS + 500, "only " + descriptors + " descriptors");
    CountDownLatch go = new CountDownLatch(1);
    List<RawClient> clients = new ArrayList<>();
    try (ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  talk.streamHead().chunk(Frames.token("a"));
                  go.await(60, TimeUnit.SECONDS);
                  talk.chunk(Frames.DONE).lastChunk();
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.maxConnections = 2 * STREAMS;
      kit.options.maxInFlight = 2 * STREAMS;
      kit.start();
      for (int i = 0; i < STREAMS; i++) {
        clients.add(kit.client().post(RouterKit.CHAT, RouterKit.STREAM));
      }
      await()
          .atMost(40, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(kit.gauge("headrace.active.streams")).isEqualTo(STREAMS));
      assertThat(worker.connections.get()).isEqualTo(STREAMS);
      go.countDown();
      for (RawClient client : clients) {
        assertThat(client.read().body()).endsWith(Frames.DONE);
      }
      assertThat(kit.signals).hasSize(STREAMS).containsOnly("succeeded a");
      kit.assertNothingHeld();
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }
}

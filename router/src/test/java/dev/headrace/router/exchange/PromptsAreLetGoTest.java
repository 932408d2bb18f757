package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A prompt is held while it may be needed again, and not a moment longer. */
class PromptsAreLetGoTest {
  private static final int MIB = 1 << 20;
  private static final int BATCH = 8;
  private static final int EXCHANGES = 1_000;
  private static final int STREAMS = 400;

  /** What all of them together may add to the heap [bytes]: a tenth of what their prompts have. */
  private static final long MORE = 40L * MIB;

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** The whole request, made once: the clients must not cost more than the router. */
  private static byte[] large(String body) {
    String json = body.replace("\"hi\"", "\"" + "x".repeat(MIB) + "\"");
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + "Content-Length: "
            + json.length()
            + "\r\n\r\n";
    return (head + json).getBytes(StandardCharsets.US_ASCII);
  }

  private static RouterKit kit(ScriptedWorker worker) {
    RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port());
    kit.options.maxBody = 2 * MIB;
    kit.options.maxBuffered = BATCH * 2L * MIB;
    return kit;
  }

  private static void addsLittle(RouterKit kit, long before) {
    await()
        .atMost(30, TimeUnit.SECONDS)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              assertThat(kit.gauge("headrace.buffered.body.bytes")).isZero();
              assertThat(heap() - before).isLessThan(MORE);
            });
    System.out.println("heap grew by " + (heap() - before) / MIB + " MiB");
  }

  @Test
  void ofExchangesThatAreOver() throws Exception {
    byte[] request = large(RouterKit.PLAIN);
    ExecutorService clients = Executors.newFixedThreadPool(BATCH);
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json()).forgetful();
        RouterKit kit = kit(worker).start()) {
      ask(kit, request, 1);
      long before = heap();
      List<Future<?>> asked = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        asked.add(clients.submit(() -> ask(kit, request, EXCHANGES / BATCH)));
      }
      for (Future<?> each : asked) {
        each.get(60, TimeUnit.SECONDS);
      }
      addsLittle(kit, before);
    } finally {
      clients.shutdownNow();
    }
  }

  private static Void ask(RouterKit kit, byte[] request, int times) throws Exception {
    try (RawClient client = kit.client()) {
      for (int i = 0; i < times; i++) {
        assertThat(client.send(request).read().status()).isEqualTo(200);
      }
    }
    return null;
  }

  @Test
  void ofStreamsThatHaveBegun() throws Exception {
    byte[] request = large(RouterKit.STREAM);
    CountDownLatch go = new CountDownLatch(1);
    List<RawClient> clients = new ArrayList<>();
    try (ScriptedWorker worker =
            new ScriptedWorker(
                    talk -> {
                      talk.streamHead().chunk(Frames.token("a"));
                      go.await(60, TimeUnit.SECONDS);
                      talk.chunk(Frames.DONE).lastChunk();
                    })
                .forgetful();
        RouterKit kit = kit(worker).start()) {
      long before = 0;
      for (int i = 0; i < BATCH + STREAMS; i++) {
        if (i == BATCH) {
          before = heap();
        }
        RawClient client = kit.client().send(request);
        clients.add(client);
        assertThat(client.readUntil("\"a\"")).isNotNull();
      }
      assertThat(kit.gauge("headrace.active.streams")).isEqualTo(BATCH + STREAMS);
      addsLittle(kit, before);
      go.countDown();
      for (RawClient client : clients) {
        assertThat(client.readUntil("[DONE]")).isNotNull();
      }
      kit.assertNothingHeld();
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  private static final String CHUNKED =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n"
          + "9\r\n{\"model\":\r\n4\r\n\"m\",\r\n5\r\n\"x\":\"\r\n";

  @Test
  void aBodyThatComesByteByByteCostsWhatTheBooksSay() throws Exception {
    int bytes = 50_000;
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json()).forgetful();
        RouterKit kit = kit(worker).start();
        RawClient client = kit.client()) {
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
      long before = heap();
      client.send(CHUNKED).send("1\r\ny\r\n".repeat(bytes));
      await()
          .atMost(30, TimeUnit.SECONDS)
          .untilAsserted(
              () ->
                  assertThat(kit.gauge("headrace.buffered.body.bytes"))
                      .isBetween((double) bytes, 2.0 * bytes));
      await()
          .atMost(30, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(heap() - before).isLessThan(2 * MIB));
      client.send("2\r\n\"}\r\n0\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
      kit.assertNothingHeld();
    }
  }

  @Test
  void aBodyThatComesByteByByteIsRefusedWhereTheBooksEnd() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = kit(worker)) {
      kit.options.maxBuffered = 20_000;
      kit.start();
      try (RawClient client = kit.client()) {
        client.send(CHUNKED).send("1\r\ny\r\n".repeat(25_000));
        assertThat(client.read().status()).isEqualTo(503);
      }
      kit.assertNothingHeld();
    }
  }
}

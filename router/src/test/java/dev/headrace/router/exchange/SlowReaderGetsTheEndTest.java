package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.ForgottenBuffers;
import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** However late a client begins to read, it gets every byte, and the end. */
class SlowReaderGetsTheEndTest {

  /** A stream of so many tokens, each a chunk of its own, and its end, all in one write. */
  private static byte[] stream(int tokens) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    all.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i <= tokens; i++) {
      String frame = i < tokens ? Frames.token("t" + i) : Frames.DONE;
      String chunk = Integer.toHexString(frame.length()) + "\r\n" + frame + "\r\n";
      all.writeBytes(chunk.getBytes(StandardCharsets.US_ASCII));
    }
    all.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return all.toByteArray();
  }

  @Test
  void theLastBytesAreNotLeftBehindInTheRouter() throws Exception {
    for (int tokens : new int[] {300, 1_000, 3_000, 20_000}) {
      byte[] answer = stream(tokens);
      try (ScriptedWorker worker = new ScriptedWorker(talk -> talk.send(answer));
          RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
          RawClient client = new RawClient(kit.server.port(), i % 2 == 0 ? 8192 : 0);
          clients.add(client.post(RouterKit.CHAT, RouterKit.STREAM));
        }
        await().atMost(20, TimeUnit.SECONDS).until(() -> worker.requests.size() == 16);
        for (RawClient client : clients) {
          RawClient.Answer read = client.read();
          assertThat(read.clean()).as("%d tokens", tokens).isTrue();
          assertThat(read.body()).contains("\"t" + (tokens - 1) + "\"").endsWith(Frames.DONE);
          client.close();
        }
        kit.assertNothingHeld();
      }
    }
  }

  @Test
  void whatWasSentBehindARequestIsLetGoWhenItsClientLeaves() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (ForgottenBuffers forgotten = new ForgottenBuffers();
        ScriptedWorker worker =
            new ScriptedWorker(
                talk -> {
                  talk.streamHead().chunk(Frames.token("a"));
                  go.await(20, TimeUnit.SECONDS);
                });
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      String behind =
          "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n"
              + "x".repeat(3_000);
      for (int i = 0; i < 20; i++) {
        try (RawClient client = kit.client()) {
          client.post(RouterKit.CHAT, RouterKit.STREAM).send(behind.repeat(10));
          assertThat(client.readUntil("\"a\"")).isNotNull();
        }
      }
      kit.assertNothingHeld();
      await().atMost(20, TimeUnit.SECONDS).until(() -> kit.gauge("headrace.connections") == 0);
      assertThat(forgotten.found()).isEmpty();
    } finally {
      go.countDown();
    }
  }
}

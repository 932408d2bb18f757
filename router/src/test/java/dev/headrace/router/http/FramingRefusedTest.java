package dev.headrace.router.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that two readers could cut differently are refused and never reach a worker. */
class FramingRefusedTest {
  private ScriptedWorker worker;
  private RouterKit kit;

  @BeforeEach
  void start() throws Exception {
    worker = new ScriptedWorker(Frames.json());
    kit = new RouterKit().worker("a", "vllm", "m", worker.port());
    kit.options.header = Duration.ofSeconds(1);
    kit.options.body = Duration.ofSeconds(1);
    kit.options.maxBody = 1000;
    kit.start();
  }

  @AfterEach
  void stop() throws Exception {
    kit.close();
    worker.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: x\r\nTransfer-Encoding: gzip\r\n",
        "Host: x\r\nTransfer-Encoding: gzip, chunked\r\n",
        "Host: x\r\nTransfer-Encoding: chunked, identity\r\n",
        "Host: x\r\nTransfer-Encoding: xchunked\r\n",
        "Host: x\r\nTransfer-Encoding: CHUNKED \r\n",
        "Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Host: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n",
        "Host: x\r\nContent-Length: +3\r\n",
        "Host: x\r\nContent-Length: -3\r\n",
        "Host: x\r\nHost: y\r\nContent-Length: 0\r\n",
        "Content-Length: 0\r\n",
      })
  void ambiguousFraming(String headers) throws Exception {
    try (RawClient client = kit.client()) {
      client.send(
          "POST /v1/chat/completions HTTP/1.1\r\nContent-Type: application/json\r\n"
              + headers
              + "\r\n0\r\n\r\nGET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n");
      Answer answer = client.read();
      if (answer != null) {
        assertThat(answer.status()).isEqualTo(400);
      }
      assertThat(client.closedByPeer()).isTrue();
      assertThat(worker.requests).isEmpty();
    }
  }

  @Test
  void chunkedBodiesAreRead() throws Exception {
    try (RawClient client = kit.client()) {
      String body = RouterKit.PLAIN;
      client.send(
          "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
              + "Transfer-Encoding: chunked\r\n\r\n"
              + Integer.toHexString(body.length())
              + "\r\n"
              + body
              + "\r\n0\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
      assertThat(worker.requests.get(0).body()).isEqualTo(body);
    }
  }

  @Test
  void aBodyThatIsAnnouncedTooLargeIsRefusedBeforeItIsRead() throws Exception {
    try (RawClient client = kit.client()) {
      client.send(
          "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
      Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.header("connection")).isEqualTo("close");
      assertThat(client.closedByPeer()).isTrue();
      kit.assertNothingHeld();
    }
  }

  @Test
  void aBodyThatGrowsTooLargeIsRefused() throws Exception {
    try (RawClient client = kit.client()) {
      client.send(
          "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "7d0\r\n"
              + "x".repeat(2000)
              + "\r\n");
      assertThat(client.read().status()).isEqualTo(413);
      assertThat(client.closedByPeer()).isTrue();
      kit.assertNothingHeld();
    }
  }

  @Test
  void aBodyThatDripsIsGivenUp() throws Exception {
    try (RawClient client = kit.client()) {
      client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
      assertThat(client.read().status()).isEqualTo(408);
      assertThat(client.closedByPeer()).isTrue();
      kit.assertNothingHeld();
    }
  }

  @Test
  void aHeadThatNeverEndsIsGivenUp() throws Exception {
    try (RawClient client = kit.client()) {
      client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-A: ");
      assertThat(client.closedByPeer()).isTrue();
    }
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(kit.gauge("headrace.connections")).isZero());
  }

  @Test
  void aHeadThatIsTooLargeIsRefused() throws Exception {
    try (RawClient client = kit.client()) {
      client.get("/v1/models", "X-A: " + "a".repeat(40_000));
      assertThat(client.read().status()).isEqualTo(431);
    }
  }
}

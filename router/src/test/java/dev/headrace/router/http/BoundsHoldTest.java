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
import org.junit.jupiter.api.Test;

/** What the process may hold has bounds, and beyond them is an answer. */
class BoundsHoldTest {

  @Test
  void exchanges() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(talk -> talk.awaitPeerClose());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.maxInFlight = 1;
      kit.start();
      try (RawClient first = kit.client()) {
        first.post(RouterKit.CHAT, RouterKit.STREAM);
        await().atMost(20, TimeUnit.SECONDS).until(() -> kit.server.inFlight() == 1);
        Answer refused = kit.post(RouterKit.CHAT, RouterKit.STREAM);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("retry-after-ms")).isEqualTo("1000");
        assertThat(kit.count("headrace.refusals", "code", "router_overloaded")).isEqualTo(1);
      }
      kit.assertNothingHeld();
    }
  }

  @Test
  void bodiesOfAllRequestsTogether() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.maxBuffered = 800;
      kit.start();
      try (RawClient first = kit.client()) {
        first.send(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 600\r\n\r\n"
                + "{\"x\":\""
                + "x".repeat(400));
        await()
            .atMost(20, TimeUnit.SECONDS)
            .until(() -> kit.gauge("headrace.buffered.body.bytes") >= 400);
        Answer refused =
            kit.post(RouterKit.CHAT, "{\"model\":\"m\",\"x\":\"" + "y".repeat(600) + "\"}");
        assertThat(refused.status()).isEqualTo(503);
      }
      kit.assertNothingHeld();
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
    }
  }

  @Test
  void connections() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.maxConnections = 2;
      kit.start();
      try (RawClient one = kit.client();
          RawClient two = kit.client()) {
        assertThat(one.get("/healthz").read().status()).isEqualTo(200);
        assertThat(two.get("/healthz").read().status()).isEqualTo(200);
        assertThat(kit.gauge("headrace.connections")).isEqualTo(2);
        assertThat(kit.gauge("headrace.loop.connections")).isEqualTo(2);
        try (RawClient three = kit.client()) {
          assertThat(three.closedByPeer()).isTrue();
        }
      }
    }
  }

  @Test
  void allEventLoopsServeTheOnePort() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.loops = 2;
      kit.start();
      try (RawClient one = kit.client();
          RawClient two = kit.client()) {
        assertThat(one.get("/healthz").read().status()).isEqualTo(200);
        assertThat(two.get("/healthz").read().status()).isEqualTo(200);
        assertThat(kit.registry.find("headrace.loop.connections").gauges())
            .hasSize(2)
            .allSatisfy(gauge -> assertThat(gauge.value()).isEqualTo(1));
      }
    }
  }

  @Test
  void idleConnections() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port())) {
      kit.options.clientIdle = Duration.ofMillis(300);
      kit.start();
      try (RawClient client = kit.client()) {
        assertThat(client.get("/healthz").read().status()).isEqualTo(200);
        assertThat(client.closedByPeer()).isTrue();
      }
    }
  }
}

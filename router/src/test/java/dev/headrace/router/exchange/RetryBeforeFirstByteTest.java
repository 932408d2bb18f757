package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** One bad worker costs no client a request, as long as nothing of an answer went out. */
class RetryBeforeFirstByteTest {

  /** The bad worker is tried first: the good one counts for less. */
  private void survives(ScriptedWorker.Script bad, String body, String reason) throws Exception {
    try (ScriptedWorker broken = new ScriptedWorker(bad);
        ScriptedWorker good =
            new ScriptedWorker(body.equals(RouterKit.STREAM) ? Frames.twoTokens() : Frames.json());
        RouterKit kit =
            new RouterKit()
                .worker("bad", "vllm", "m", broken.port())
                .spare("good", "vllm", "m", good.port())
                .start()) {
      Answer answer = kit.post(RouterKit.CHAT, body, "x-headrace-debug: 1");

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.clean()).isTrue();
      assertThat(answer.header("x-headrace-attempts")).isEqualTo("2");
      assertThat(answer.header("x-headrace-worker")).isEqualTo("w-good");
      assertThat(broken.requests).hasSize(1);
      assertThat(good.requests.get(0).body()).isEqualTo(broken.requests.get(0).body());
      assertThat(kit.count("headrace.retries", "reason", reason)).isEqualTo(1);
      assertThat(kit.record().attempts()).isEqualTo(2);
      assertThat(kit.record().outcome()).isEqualTo("completed");
      assertThat(kit.signals).hasSize(2).last().isEqualTo("succeeded good");
      kit.assertNothingHeld();
    }
  }

  @Test
  void closedBeforeTheHead() throws Exception {
    survives(talk -> talk.close(), RouterKit.PLAIN, "closed_before_head");
  }

  @Test
  void resetBeforeTheHead() throws Exception {
    survives(talk -> talk.reset(), RouterKit.STREAM, "closed_before_head");
  }

  @Test
  void answeredWith503() throws Exception {
    survives(
        talk -> talk.json(503, "{\"error\":{\"message\":\"Loading model\",\"code\":503}}"),
        RouterKit.PLAIN,
        "status");
  }

  @Test
  void answeredWith429() throws Exception {
    survives(
        talk -> talk.json(429, "{\"error\":\"Model is overloaded\",\"error_type\":\"overloaded\"}"),
        RouterKit.STREAM,
        "status");
  }

  @Test
  void answeredWith500AndPlainText() throws Exception {
    survives(talk -> talk.answer(500, "text/plain", "boom"), RouterKit.PLAIN, "status");
  }

  @Test
  void anErrorEventBeforeAnyContent() throws Exception {
    survives(
        talk ->
            talk.streamHead()
                .chunk(
                    "data: {\"error\":{\"message\":\"The request queue is full.\","
                        + "\"type\":\"SERVICE_UNAVAILABLE\",\"param\":null,\"code\":503}}\n\n")
                .chunk(Frames.DONE)
                .lastChunk(),
        RouterKit.STREAM,
        "error_event");
  }

  @Test
  void aStreamThatEndsBeforeItsFirstFrame() throws Exception {
    survives(talk -> talk.streamHead().chunk("data: {\"ch").close(), RouterKit.STREAM, "truncated");
  }

  @Test
  void refusedConnections() throws Exception {
    try (ScriptedWorker good = new ScriptedWorker(Frames.json());
        RouterKit kit =
            new RouterKit()
                .worker("gone", "vllm", "m", RouterKit.nobody())
                .spare("good", "vllm", "m", good.port())
                .start()) {
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
      assertThat(kit.count("headrace.retries", "reason", "connect")).isEqualTo(1);
      assertThat(kit.signals).containsExactly("connect-failed gone", "succeeded good");
      kit.assertNothingHeld();
    }
  }

  @Test
  void theClientsOwnFaultIsNotTriedAgain() throws Exception {
    String body =
        "{\"error\":{\"message\":\"bad temperature\",\"type\":\"BadRequestError\","
            + "\"param\":\"temperature\",\"code\":400}}";
    try (ScriptedWorker a = new ScriptedWorker(talk -> talk.json(400, body));
        ScriptedWorker b = new ScriptedWorker(talk -> talk.json(400, body));
        RouterKit kit =
            new RouterKit()
                .worker("a", "vllm", "m", a.port())
                .worker("b", "vllm", "m", b.port())
                .start()) {
      Answer answer = kit.post(RouterKit.CHAT, RouterKit.PLAIN);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).isEqualTo(body);
      assertThat(a.requests.size() + b.requests.size()).isEqualTo(1);
      assertThat(kit.record().outcome()).isEqualTo("refused");
      kit.assertNothingHeld();
    }
  }

  @Test
  void whenAllFailTheLastWordIsTranslatedAndTellsNoAddress() throws Exception {
    try (ScriptedWorker a = new ScriptedWorker(talk -> talk.close())) {
      int port = a.port();
      try (ScriptedWorker b =
              new ScriptedWorker(
                  talk ->
                      talk.answer(
                          500, "text/plain", "cannot reach 127.0.0.1:" + port + " from here"));
          RouterKit kit =
              new RouterKit()
                  .worker("a", "vllm", "m", a.port())
                  .worker("b", "vllm", "m", b.port())
                  .start()) {
        Answer answer = kit.post(RouterKit.CHAT, RouterKit.STREAM);
        assertThat(answer.status()).isEqualTo(502);
        JsonObject error = new JsonObject(answer.body()).getJsonObject("error");
        assertThat(error.fieldNames())
            .containsExactlyInAnyOrder("message", "type", "param", "code");
        assertThat(error.getString("code")).isEqualTo("worker_failed");
        assertThat(answer.body()).doesNotContain("127.0.0.1");
        assertThat(kit.record().attempts()).isEqualTo(2);
        assertThat(kit.record().outcome()).isEqualTo("worker_failed");
        kit.assertNothingHeld();
      }
    }
  }

  @Test
  void fullWorkersGive429WithTheTimeToWait() throws Exception {
    try (ScriptedWorker a =
            new ScriptedWorker(
                talk ->
                    talk.json(
                        429, "{\"error\":\"Model is overloaded\",\"error_type\":\"overloaded\"}"));
        RouterKit kit = new RouterKit().worker("a", "tgi", "m", a.port()).start()) {
      Answer answer = kit.post(RouterKit.CHAT, RouterKit.PLAIN);
      assertThat(answer.status()).isEqualTo(429);
      assertThat(answer.header("retry-after")).isEqualTo("1");
      assertThat(answer.header("retry-after-ms")).isEqualTo("1000");
      assertThat(answer.header("x-should-retry")).isEqualTo("true");
      assertThat(new JsonObject(answer.body()).getJsonObject("error").getString("code"))
          .isEqualTo("no_capacity");
    }
  }

  @Test
  void aFullLedgerGives429AtOnceWhereNobodyMayWait() throws Exception {
    try (ScriptedWorker a = new ScriptedWorker(talk -> talk.awaitPeerClose());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", a.port(), 1, null)) {
      kit.options.maxQueue = 0;
      kit.start();
      try (RawClient first = kit.client()) {
        first.post(RouterKit.CHAT, RouterKit.PLAIN);
        org.awaitility.Awaitility.await().until(() -> a.requests.size() == 1);
        assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(429);
      }
      kit.assertNothingHeld();
    }
  }

  @Test
  void aRedirectIsABrokenAnswerAndNotFollowed() throws Exception {
    try (ScriptedWorker elsewhere = new ScriptedWorker(Frames.json());
        ScriptedWorker a =
            new ScriptedWorker(
                talk ->
                    talk.send(
                        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:"
                            + elsewhere.port()
                            + "/\r\nContent-Length: 0\r\n\r\n"));
        ScriptedWorker b = new ScriptedWorker(Frames.json());
        RouterKit kit =
            new RouterKit()
                .worker("a", "vllm", "m", a.port())
                .spare("b", "vllm", "m", b.port())
                .start()) {
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN).status()).isEqualTo(200);
      assertThat(kit.signals).containsExactly("failed a BROKEN", "succeeded b");
      assertThat(elsewhere.requests).isEmpty();
    }
  }
}

package dev.headrace.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import dev.headrace.worker.Endpoint;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exact path decides, the key is asked for on every route, and no one chooses an upstream. */
class HostileTargetsTest {
  @TempDir Path folder;

  private static final String[] HOSTILE = {
    "//v1/chat/completions",
    "/v1//chat/completions",
    "/v1/chat/completions/",
    "/v1/./chat/completions",
    "/x/../v1/chat/completions",
    "/v1/chat%2fcompletions",
    "/v1/chat/%63ompletions",
    "/V1/chat/completions",
    "/v1/chat/completions;x=1",
    "/v1/chat/completions%00",
    "http://evil/v1/chat/completions",
    "http://127.0.0.1:1/v1/chat/completions",
    "*",
    "/admin/v1/workers",
    "/metrics",
  };

  @Test
  void spellingsOfAPathAreNotThePath() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      for (String target : HOSTILE) {
        Answer answer = kit.post(target, RouterKit.PLAIN);
        assertThat(answer.status()).as(target).isIn(400, 404);
      }
      assertThat(worker.requests).isEmpty();
    }
  }

  @Test
  void nothingInTheRequestMovesTheHostOrTheCredential() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit()) {
      kit.worker("a", "vllm", "m", worker.port(), 10, "worker-key").start();
      Answer answer =
          kit.post(
              RouterKit.CHAT + "?api_base=http://evil&model=other",
              "{\"model\":\"m\",\"api_base\":\"http://evil\",\"base_url\":\"http://evil\"}",
              "Authorization: Bearer client-secret",
              "x-api-key: client-secret",
              "Cookie: a=client-secret",
              "X-Forwarded-Host: evil",
              "X-Conversation-Id: 1",
              "Connection: keep-alive, x-secret",
              "x-secret: 1",
              "traceparent: 00-abc-def-01",
              "x-request-id: my-id");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("x-request-id")).isEqualTo("my-id");
      ScriptedWorker.Seen seen = worker.requests.get(0);
      assertThat(seen.line()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
      assertThat(seen.header("host")).isEqualTo("127.0.0.1:" + worker.port());
      assertThat(seen.header("authorization")).isEqualTo("Bearer worker-key");
      assertThat(seen.header("traceparent")).isEqualTo("00-abc-def-01");
      assertThat(seen.header("x-request-id")).isEqualTo("my-id");
      assertThat(seen.headers().toString())
          .doesNotContain("client-secret")
          .doesNotContain("evil")
          .doesNotContainIgnoringCase("x-secret")
          .doesNotContainIgnoringCase("conversation");
    }
  }

  @Test
  void aClientsCredentialIsNotForWorkersWithoutOne() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      kit.post(RouterKit.CHAT, RouterKit.PLAIN, "Authorization: Bearer client-secret");
      assertThat(worker.requests.get(0).header("authorization")).isNull();
    }
  }

  @Test
  void everyRouteAsksForTheKeyAndARevokedKeyStopsWorking() throws Exception {
    Path keys = folder.resolve("keys");
    Files.writeString(keys, "# team keys\nalice:sk-alice\nbob:sk-bob\n");
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "openai", "m", worker.port())) {
      kit.options.keysFile = keys;
      kit.start();
      for (Endpoint endpoint : Endpoint.values()) {
        for (String path : endpoint.paths()) {
          assertThat(kit.post(path, RouterKit.PLAIN).status()).as(path).isEqualTo(401);
          assertThat(kit.post(path, RouterKit.PLAIN, "Authorization: Bearer sk-alic").status())
              .isEqualTo(401);
        }
      }
      assertThat(kit.get("/v1/models").status()).isEqualTo(401);
      assertThat(worker.requests).isEmpty();
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN, "authorization: bearer sk-bob").status())
          .isEqualTo(200);
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN, "x-api-key: sk-alice").status())
          .isEqualTo(200);
      Awaitility.await()
          .atMost(20, TimeUnit.SECONDS)
          .untilAsserted(
              () ->
                  assertThat(kit.log)
                      .extracting(record -> record.key())
                      .containsExactly("bob", "alice"));

      Files.writeString(keys, "bob:sk-bob-the-second\n");
      Awaitility.await()
          .atMost(20, TimeUnit.SECONDS)
          .untilAsserted(
              () ->
                  assertThat(
                          kit.post(RouterKit.CHAT, RouterKit.PLAIN, "x-api-key: sk-alice").status())
                      .isEqualTo(401));
    }
  }

  @Test
  void methodsAndMediaTypesAreChecked() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit().worker("a", "vllm", "m", worker.port()).start()) {
      Answer get = kit.get(RouterKit.CHAT);
      assertThat(get.status()).isEqualTo(405);
      assertThat(get.header("allow")).isEqualTo("POST");
      assertThat(kit.post("/v1/models", "{}").status()).isEqualTo(405);
      assertThat(kit.post(RouterKit.CHAT, RouterKit.PLAIN, "Content-Type: text/plain").status())
          .isEqualTo(415);
      Answer junk = kit.post(RouterKit.CHAT, "{nope");
      assertThat(junk.status()).isEqualTo(400);
      assertThat(new JsonObject(junk.body()).getJsonObject("error").getString("code"))
          .isEqualTo("invalid_json");
      Answer anthropic = kit.post("/v1/messages", "{}");
      assertThat(new JsonObject(anthropic.body()).getString("type")).isEqualTo("error");
      assertThat(worker.requests).isEmpty();
    }
  }

  @Test
  void theModelListNamesWhatTheFleetServes() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker(Frames.json());
        RouterKit kit =
            new RouterKit()
                .worker("a", "vllm", "org/model", worker.port())
                .alias("short", "org/model")
                .start()) {
      JsonObject list = new JsonObject(kit.get("/v1/models").body());
      assertThat(list.getJsonArray("data")).hasSize(2);
      JsonObject card = new JsonObject(kit.get("/v1/models/org%2Fmodel").body());
      assertThat(card.getString("id")).isEqualTo("org/model");
      assertThat(card.getInteger("max_model_len")).isEqualTo(4096);
      assertThat(card.getString("engine")).isEqualTo("vllm");
      assertThat(kit.get("/v1/models/org/model").status()).isEqualTo(200);
      assertThat(new JsonObject(kit.get("/v1/models/short").body()).getString("alias_of"))
          .isEqualTo("org/model");
      assertThat(kit.get("/v1/models/none").status()).isEqualTo(404);
      assertThat(kit.get("/healthz").status()).isEqualTo(200);
      assertThat(kit.get("/version").body()).contains("headrace");
    }
  }
}

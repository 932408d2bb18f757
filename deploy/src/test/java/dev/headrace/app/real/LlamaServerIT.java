package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three real llama-servers behind the packaged router. */
@NeedsParts(RealPart.LLAMA_SERVER)
class LlamaServerIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int CONTEXT = 2048;
  private static final int SLOTS = 4;
  private static final List<LlamaServer> SERVERS = new ArrayList<>();
  private static RouterProcess router;
  private static Caller caller;

  @BeforeAll
  static void start() {
    StringBuilder fleet = new StringBuilder("fleet:\n  static:\n");
    for (int number = 0; number < 3; number++) {
      LlamaServer server = LlamaServer.start(TinyModel.slow(), "tiny", SLOTS, CONTEXT);
      SERVERS.add(server);
      fleet.append("    - { id: llama-%d, url: \"%s\" }\n".formatted(number, server.url()));
    }
    router = RouterProcess.start(fleet + "models:\n  tiny: { aliases: [gpt-4o-mini] }\n");
    caller = router.caller();
    awaitRoutable(3);
  }

  @AfterAll
  static void stop() {
    if (router != null) {
      router.close();
    }
    SERVERS.forEach(LlamaServer::close);
  }

  @AfterEach
  void nothingIsLeftInFlight() {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(router.admin().get("/admin/v1/workers").json().at("/workers"))
                    .allMatch(worker -> worker.path("in_flight").asInt(-1) == 0));
  }

  @Test
  void answersInJson() {
    JsonNode answer = caller.post("/v1/chat/completions", chat("tiny", 16, false)).json();

    assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(16);
    assertThat(answer.at("/choices/0/message/content").asText()).isNotEmpty();
  }

  @Test
  void streamsTokenByToken() throws Exception {
    try (SseReader events = open(chat("tiny", 64, true))) {
      int contents = 0;
      String finish = "";
      for (JsonNode event = events.next(); event != null; event = events.next()) {
        assertThat(event.at("/choices")).as("no usage event unless asked for").isNotEmpty();
        contents += event.at("/choices/0/delta/content").asText().isEmpty() ? 0 : 1;
        finish = event.at("/choices/0/finish_reason").asText(finish);
      }
      assertThat(events.done()).isTrue();
      assertThat(contents).isGreaterThan(32);
      assertThat(finish).isEqualTo("length");
    }
  }

  @Test
  void usesAllThreeServers() throws Exception {
    List<SseReader> streams = new ArrayList<>();
    try {
      for (int number = 0; number < 3; number++) {
        SseReader stream = open(chat("tiny", CONTEXT - 100, true));
        streams.add(stream);
        assertThat(stream.next()).isNotNull();
      }
      assertThat(SERVERS).allMatch(server -> server.busySlots() == 1);
    } finally {
      for (SseReader stream : streams) {
        stream.close();
      }
    }
  }

  @Test
  void aClientThatLeavesFreesTheSlot() throws Exception {
    try (SseReader stream = open(chat("tiny", CONTEXT - 100, true))) {
      assertThat(stream.next()).isNotNull();
      assertThat(busySlots()).isEqualTo(1);
    }
    // Well before the generation would have ended by itself.
    await().atMost(Duration.ofMillis(800)).until(() -> busySlots() == 0);
  }

  @Test
  void aServerKilledUnderLoadFailsNoRequestBeforeItsFirstByte() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger whole = new AtomicInteger();
    AtomicInteger broken = new AtomicInteger();
    AtomicInteger wholeAfterKill = new AtomicInteger();
    AtomicBoolean killed = new AtomicBoolean();
    List<String> failures = Collections.synchronizedList(new ArrayList<>());
    ExecutorService clients = Executors.newFixedThreadPool(6);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int client = 0; client < 6; client++) {
        running.add(
            clients.submit(
                () -> {
                  while (!over.get()) {
                    boolean late = killed.get();
                    HttpResponse<InputStream> response =
                        caller.open("/v1/chat/completions", chat("tiny", 96, true));
                    try (SseReader stream = new SseReader(response.body())) {
                      if (response.statusCode() != 200) {
                        failures.add("status " + response.statusCode());
                      }
                      stream.drain();
                      if (stream.done()) {
                        whole.incrementAndGet();
                        wholeAfterKill.addAndGet(late ? 1 : 0);
                      } else {
                        broken.incrementAndGet();
                        if (!stream.failed()) {
                          failures.add("a stream ended with neither [DONE] nor an error");
                        }
                      }
                    }
                  }
                  return null;
                }));
      }
      await().atMost(LIMIT).until(() -> whole.get() >= 12);
      SERVERS.get(0).kill();
      killed.set(true);
      await().atMost(LIMIT).until(() -> wholeAfterKill.get() >= 30);
      over.set(true);
      for (Future<?> client : running) {
        client.get(60, TimeUnit.SECONDS);
      }
    } finally {
      over.set(true);
      clients.shutdownNow();
      LlamaServer gone = SERVERS.get(0);
      gone.close();
      SERVERS.set(
          0, LlamaServer.start(gone.port(), TinyModel.slow(), gone.alias(), SLOTS, CONTEXT));
      awaitRoutable(3);
    }
    assertThat(failures).isEmpty();
    // What was streaming from the dead server may break, and each client can have had one such.
    assertThat(broken).hasValueLessThanOrEqualTo(SLOTS);
  }

  @Test
  void tokenizesAndBack() {
    JsonNode tokens =
        caller.post("/tokenize", "{\"model\":\"tiny\",\"content\":\"the water\"}").json();
    assertThat(tokens.at("/tokens").size()).isPositive();

    JsonNode text =
        caller
            .post(
                "/detokenize", "{\"model\":\"tiny\",\"tokens\":%s}".formatted(tokens.at("/tokens")))
            .json();
    assertThat(text.at("/content").asText().strip()).isEqualTo("the water");
  }

  @Test
  void embeds() {
    JsonNode answer =
        caller
            .post("/v1/embeddings", "{\"model\":\"tiny\",\"input\":[\"hello\",\"water\"]}")
            .json();

    assertThat(answer.at("/data").size()).isEqualTo(2);
    assertThat(answer.at("/data/0/embedding").size()).isEqualTo(384);
  }

  @Test
  void aPromptBeyondTheContextIsTheClientsFault() {
    String prompt = "word ".repeat(CONTEXT);
    for (String stream : List.of("false", "true")) {
      Caller.Answer answer =
          caller.post(
              "/v1/chat/completions",
              "{\"model\":\"tiny\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                  .formatted(stream, prompt));

      assertThat(answer.status()).isEqualTo(400);
      JsonNode error = answer.json().at("/error");
      assertThat(error.at("/message").asText()).contains("context");
      assertThat(error.has("type") && error.has("code")).isTrue();
    }
  }

  @Test
  void listsTheModelOnceAndKnowsItByItsAlias() {
    List<String> ids = new ArrayList<>();
    caller.get("/v1/models").json().at("/data").forEach(model -> ids.add(model.at("/id").asText()));
    assertThat(ids).containsOnlyOnce("tiny");
    assertThat(caller.get("/v1/models/tiny").json().at("/id").asText()).isEqualTo("tiny");

    JsonNode answer = caller.post("/v1/chat/completions", chat("gpt-4o-mini", 4, false)).json();
    assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(4);
  }

  private static int busySlots() {
    return SERVERS.stream().mapToInt(LlamaServer::busySlots).sum();
  }

  private static SseReader open(String request) throws IOException {
    HttpResponse<InputStream> response = caller.open("/v1/chat/completions", request);
    assertThat(response.statusCode()).isEqualTo(200);
    return new SseReader(response.body());
  }

  private static String chat(String model, int tokens, boolean stream) {
    return "{\"model\":\"%s\",\"max_tokens\":%d,\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}"
        .formatted(model, tokens, stream);
  }

  private static void awaitRoutable(int count) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(router.admin().get("/admin/v1/workers").json().at("/workers"))
                    .hasSize(count)
                    .allMatch(worker -> worker.path("status").asText().equals("routable")));
  }
}

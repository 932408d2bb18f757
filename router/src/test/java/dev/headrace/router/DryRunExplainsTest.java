package dev.headrace.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.config.ConfigLoader;
import dev.headrace.router.config.ConfigOverrides;
import dev.headrace.router.config.ConfigResult;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The admin port says where a request would go, without sending it. */
final class DryRunExplainsTest {
  @TempDir Path dir;
  private RouterRuntime runtime;
  private HeadraceRouter router;
  private final HttpClient http = HttpClient.newHttpClient();

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @BeforeEach
  void start() throws Exception {
    runtime = RouterRuntime.create(new HeadraceConfig.Threads(1, "auto"));
    SimOptions options = SimOptions.of("vllm").withModels("llama-8b", "by-session");
    SimulatedWorker a = get(SimulatedWorker.start(runtime.vertx(), options));
    SimulatedWorker b = get(SimulatedWorker.start(runtime.vertx(), options));
    Path file =
        Files.writeString(
            dir.resolve("headrace.yaml"),
            """
            listen: 127.0.0.1:0
            admin: { listen: 127.0.0.1:0 }
            fleet:
              static:
                - { id: a, url: "%s" }
                - { id: b, url: "%s" }
            models:
              llama-8b: { aliases: [gpt-4o-mini] }
              by-session: { policy: session }
            logs: { decisions: 3 }
            """
                .formatted(a.url(), b.url()));
    ConfigResult read = new ConfigLoader(Map.of()).load(file, ConfigOverrides.NONE);
    router = get(HeadraceRouter.start(runtime, (ConfigResult.Ok) read, null));
  }

  @AfterEach
  void stop() throws Exception {
    get(router.stop());
    get(runtime.vertx().close());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + router.adminPort() + path))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private JsonObject explain(String body) throws Exception {
    HttpResponse<String> response = post("/admin/v1/explain", body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body());
  }

  @Test
  void itNamesModelDemandAndEveryWorkerWithItsScore() throws Exception {
    post("/admin/v1/workers/b/drain", "");
    JsonObject seen =
        explain("{\"model\":\"gpt-4o-mini\",\"prompt_tokens\":4000,\"max_tokens\":20}");
    assertThat(seen.getString("model")).isEqualTo("llama-8b");
    assertThat(seen.getString("alias")).isEqualTo("gpt-4o-mini");
    assertThat(seen.getString("policy")).isEqualTo("least-load");
    assertThat(seen.getString("endpoint")).isEqualTo("/v1/chat/completions");
    assertThat(seen.getJsonObject("demand").getDouble("prompt_tokens")).isEqualTo(4000);
    assertThat(seen.getJsonObject("demand").getDouble("output_tokens")).isEqualTo(20);
    assertThat(seen.getJsonArray("would_choose")).isEqualTo(new JsonArray().add("static/a"));
    JsonArray workers = seen.getJsonArray("workers");
    assertThat(workers).hasSize(2);
    for (int i = 0; i < 2; i++) {
      JsonObject worker = workers.getJsonObject(i);
      boolean drained = worker.getString("id").equals("b");
      assertThat(worker.getBoolean("eligible")).isEqualTo(!drained);
      assertThat(worker.getString("reason")).isEqualTo(drained ? "draining" : null);
      assertThat(worker.getDouble("score")).isPositive();
      assertThat(worker.getJsonObject("parts").getDouble("ttft_s")).isPositive();
      assertThat(worker.getInteger("in_flight")).isZero();
      assertThat(worker.getJsonObject("rates").getDouble("prefill_s_per_token")).isPositive();
      assertThat(worker.fieldNames()).contains("gauge_age_ms", "foreign", "awaiting", "capacity");
      assertThat(worker.fieldNames()).contains("foreign_waiting", "drift", "kv_usage", "note");
      assertThat(worker.getJsonObject("parts").getDouble("kv_pressure_s")).isNotNegative();
      assertThat(worker.getJsonObject("parts").getDouble("least_load_s"))
          .isEqualTo(worker.getDouble("score"));
    }
  }

  @Test
  void bytesAreTurnedIntoTokensAsForARequestAndALongerPromptScoresHigher() throws Exception {
    JsonObject small = explain("{\"model\":\"llama-8b\",\"prompt_bytes\":400}");
    JsonObject large = explain("{\"model\":\"llama-8b\",\"prompt_bytes\":400000}");
    assertThat(small.getJsonObject("demand").getDouble("prompt_tokens")).isBetween(50.0, 200.0);
    assertThat(large.getJsonArray("workers").getJsonObject(0).getDouble("score"))
        .isGreaterThan(small.getJsonArray("workers").getJsonObject(0).getDouble("score"));
    assertThat(small.getString("alias")).isNull();
  }

  @Test
  void whatTheEnginesReportIsShownWithItsAgeAndThereIsNoDriftWithoutOthers() throws Exception {
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              JsonObject worker =
                  explain("{\"model\":\"llama-8b\"}").getJsonArray("workers").getJsonObject(0);
              assertThat(worker.getLong("gauge_age_ms")).isBetween(0L, 5_000L);
              assertThat(worker.getDouble("drift")).isZero();
              assertThat(worker.getDouble("kv_usage")).isZero();
              assertThat(worker.getDouble("foreign")).isZero();
            });
    JsonObject listed =
        new JsonObject(read("/admin/v1/workers", "*/*").body())
            .getJsonArray("workers")
            .getJsonObject(0);
    assertThat(listed.getJsonObject("load").getDouble("drift")).isZero();
    assertThat(listed.getJsonObject("load").getLong("age_ms")).isNotNegative();
  }

  @Test
  void aModelWithThePolicySessionIsAskedWithASession() throws Exception {
    JsonObject without = explain("{\"model\":\"by-session\"}");
    assertThat(without.getString("undecided")).isNull();
    assertThat(without.getJsonArray("workers").getJsonObject(0).getDouble("score")).isPositive();
    JsonObject with = explain("{\"model\":\"by-session\",\"session\":\"a talk\"}");
    assertThat(with.getString("policy")).isEqualTo("session");
    assertThat(with.getJsonArray("would_choose")).hasSize(1);
    for (int i = 0; i < 2; i++) {
      JsonObject worker = with.getJsonArray("workers").getJsonObject(i);
      assertThat(worker.getDouble("score")).isNull();
      assertThat(worker.getString("note")).matches("rank [12] of 2, below its bound of 1");
      boolean first = worker.getString("note").startsWith("rank 1");
      assertThat(with.getJsonArray("would_choose").contains(worker.getString("key")))
          .isEqualTo(first);
    }
  }

  @Test
  void aWrongQuestionIsRefusedWithTheFieldThatIsWrong() throws Exception {
    assertThat(post("/admin/v1/explain", "{\"model\":\"nobody\"}").statusCode()).isEqualTo(404);
    Map<String, String> wrong =
        Map.of(
            "{}", "model",
            "{\"model\":\"llama-8b\",\"endpoint\":\"/v1/nothing\"}", "endpoint",
            "{\"model\":\"llama-8b\",\"prompt_tokens\":0}", "prompt_tokens",
            "{\"model\":\"llama-8b\",\"prompt_bytes\":-1}", "prompt_bytes",
            "{\"model\":\"llama-8b\",\"prompt_bytes\":1,\"prompt_tokens\":1}", "prompt_tokens",
            "{\"model\":\"llama-8b\",\"colour\":1}", "colour");
    for (Map.Entry<String, String> entry : wrong.entrySet()) {
      HttpResponse<String> response = post("/admin/v1/explain", entry.getKey());
      assertThat(response.statusCode()).as(entry.getKey()).isEqualTo(400);
      assertThat(new JsonObject(response.body()).getJsonObject("error").getString("param"))
          .isEqualTo(entry.getValue());
    }
  }

  private HttpResponse<String> read(String path, String accept) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + router.adminPort() + path))
            .header("accept", accept)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private JsonArray decisions(String query) throws Exception {
    HttpResponse<String> response = read("/admin/v1/decisions" + query, "*/*");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body()).getJsonArray("decisions");
  }

  @Test
  void theLastChoicesAreListedFilteredAndGivenLineByLine() throws Exception {
    post("/admin/v1/workers/b/drain", "");
    for (int i = 0; i < 4; i++) {
      HttpRequest ask =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + router.dataPort() + "/v1/chat/completions"))
              .header("content-type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"model\":\"gpt-4o-mini\",\"max_tokens\":2,\"messages\":"
                          + "[{\"role\":\"user\",\"content\":\"a secret\"}]}"))
              .build();
      assertThat(http.send(ask, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
    JsonArray all = decisions("");
    assertThat(all).hasSize(3);
    JsonObject newest = all.getJsonObject(0);
    assertThat(newest.getLong("seq")).isEqualTo(3);
    assertThat(newest.getString("model")).isEqualTo("llama-8b");
    assertThat(newest.getString("chosen")).isEqualTo("static/a");
    assertThat(newest.getJsonObject("demand").getDouble("output_tokens")).isEqualTo(2);
    assertThat(newest.getJsonArray("workers").getJsonObject(0).getDouble("score")).isPositive();
    assertThat(newest.getJsonArray("workers").getJsonObject(0).fieldNames())
        .contains("note", "foreign", "foreign_waiting", "drift", "kv_usage", "gauge_age_ms");
    assertThat(newest.getJsonArray("workers").getJsonObject(1).getString("reason"))
        .isEqualTo("draining");
    assertThat(decisions("?worker=a&model=llama-8b&limit=2")).hasSize(2);
    assertThat(decisions("?worker=static%2Fa")).hasSize(3);
    assertThat(decisions("?worker=b")).isEmpty();
    assertThat(decisions("?model=other")).isEmpty();
    assertThat(all.encode()).doesNotContain("secret");

    for (HttpResponse<String> lines :
        List.of(
            read("/admin/v1/decisions", "application/x-ndjson"),
            read("/admin/v1/decisions?format=ndjson", "*/*"))) {
      assertThat(lines.headers().firstValue("content-type")).hasValue("application/x-ndjson");
      assertThat(lines.body().lines().map(line -> new JsonObject(line).getLong("seq")))
          .containsExactly(3L, 2L, 1L);
    }
    for (String wrong : List.of("limit=0", "limit=x", "limit=10001", "format=xml")) {
      HttpResponse<String> refused = read("/admin/v1/decisions?" + wrong, "*/*");
      assertThat(refused.statusCode()).as(wrong).isEqualTo(400);
      assertThat(new JsonObject(refused.body()).getJsonObject("error").getString("param"))
          .isEqualTo(wrong.substring(0, wrong.indexOf('=')));
    }
  }

  @Test
  void theDescriptionKnowsBoth() throws Exception {
    JsonObject paths =
        new JsonObject(read("/admin/openapi.json", "*/*").body()).getJsonObject("paths");
    assertThat(
            paths.getJsonObject("/admin/v1/explain").getJsonObject("post").getString("operationId"))
        .isEqualTo("explain");
    JsonArray parameters =
        paths.getJsonObject("/admin/v1/decisions").getJsonObject("get").getJsonArray("parameters");
    assertThat(parameters.stream().map(p -> ((JsonObject) p).getString("name")))
        .containsExactly("model", "worker", "limit", "format");
    assertThat(parameters.getJsonObject(0).getString("in")).isEqualTo("query");
  }
}

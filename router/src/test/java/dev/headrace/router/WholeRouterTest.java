package dev.headrace.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.config.ConfigLoader;
import dev.headrace.router.config.ConfigOverrides;
import dev.headrace.router.config.ConfigResult;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import io.vertx.core.Future;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One process: a file, workers, a router; a request goes through every layer. */
final class WholeRouterTest {
  private static final String WAITING =
      "\"max_queue\":7,\"max_wait_ms\":60000,\"order\":\"shortest-job-first\"";

  @TempDir Path dir;
  private RouterRuntime runtime;
  private HeadraceRouter router;
  private SimulatedWorker vllm;
  private SimulatedWorker tgi;
  private final HttpClient http = HttpClient.newHttpClient();

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private Path write(String models) throws Exception {
    return Files.writeString(
        dir.resolve("headrace.yaml"),
        """
        listen: 127.0.0.1:0
        admin: { listen: 127.0.0.1:0 }
        fleet:
          static:
            - { id: a, url: "%s" }
            - { id: b, url: "%s" }
        models:
          %s
        """
            .formatted(vllm.url(), tgi.url(), models));
  }

  private static ConfigResult load(Path file) {
    return new ConfigLoader(Map.of()).load(file, ConfigOverrides.NONE);
  }

  @BeforeEach
  void start() throws Exception {
    runtime = RouterRuntime.create(new HeadraceConfig.Threads(1, "auto"));
    vllm =
        get(SimulatedWorker.start(runtime.vertx(), SimOptions.of("vllm").withModels("llama-8b")));
    tgi = get(SimulatedWorker.start(runtime.vertx(), SimOptions.of("tgi").withModels("zephyr")));
    Path file = write("llama-8b: { aliases: [gpt-4o-mini] }");
    router = get(HeadraceRouter.start(runtime, (ConfigResult.Ok) load(file), () -> load(file)));
  }

  @AfterEach
  void stop() throws Exception {
    get(router.stop());
    get(runtime.vertx().close());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + router.dataPort() + path))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(int port, String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String models() throws Exception {
    return get(router.adminPort(), "/admin/v1/models").body();
  }

  @Test
  void aStreamAndAJsonAnswerComeFromWhicheverWorkerServesTheModel() throws Exception {
    String ask =
        "{\"model\":\"%s\",\"stream\":%s,\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    HttpResponse<String> stream = post("/v1/chat/completions", ask.formatted("gpt-4o-mini", true));
    assertThat(stream.statusCode()).isEqualTo(200);
    assertThat(stream.body())
        .contains("data: {")
        .endsWith("data: [DONE]\n\n")
        .doesNotContain("\"usage\":{");
    HttpResponse<String> json = post("/v1/chat/completions", ask.formatted("zephyr", false));
    assertThat(json.statusCode()).isEqualTo(200);
    assertThat(json.body()).contains("\"completion_tokens\":5");
    HttpResponse<String> none = post("/v1/chat/completions", ask.formatted("zephir", false));
    assertThat(none.statusCode()).isEqualTo(404);
    assertThat(none.body()).contains("model_not_found").contains("zephyr");
    assertThat(get(router.dataPort(), "/v1/models").body()).contains("llama-8b").contains("zephyr");
    assertThat(get(router.adminPort(), "/admin/v1/workers").body())
        .contains("\"engine\":\"vllm\"")
        .contains("\"engine\":\"tgi\"");
    assertThat(get(router.adminPort(), "/readyz").statusCode()).isEqualTo(200);
    assertThat(get(router.adminPort(), "/admin/v1/queue").body()).contains("\"queues\":[]");
    assertThat(get(router.adminPort(), "/metrics").body()).contains("headrace_");
  }

  @Test
  void aChangedFileIsTakenAndABadOneChangesNothing() throws Exception {
    write(
        "llama-8b: { aliases: [gpt-4o], admission: { max-queue: 7, order: shortest-job-first } }");
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () ->
                assertThat(
                        post(
                                "/v1/chat/completions",
                                "{\"model\":\"gpt-4o\",\"max_tokens\":1,\"messages\":[]}")
                            .statusCode())
                    .isNotEqualTo(404));
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> models().contains(WAITING));
    write("llama-8b: { aliasses: 7, admission: { max-queue: -7, order: lifo } }");
    Awaitility.await()
        .during(2, TimeUnit.SECONDS)
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () ->
                assertThat(
                        post(
                                "/v1/chat/completions",
                                "{\"model\":\"gpt-4o\",\"max_tokens\":1,\"messages\":[]}")
                            .statusCode())
                    .isNotEqualTo(404));
    assertThat(models()).contains(WAITING);
  }
}

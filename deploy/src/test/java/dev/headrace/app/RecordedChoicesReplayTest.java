package dev.headrace.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.headrace.router.HeadraceRouter;
import dev.headrace.router.RouterRuntime;
import dev.headrace.router.config.ConfigLoader;
import dev.headrace.router.config.ConfigOverrides;
import dev.headrace.router.config.ConfigResult;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.sim.CostParameters;
import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import io.vertx.core.Future;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a running router recorded can be played once more with other policies. */
class RecordedChoicesReplayTest {
  private static final int REQUESTS = 60;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private static Path dir;
  private static RouterRuntime runtime;
  private static HeadraceRouter router;
  private static Path recorded;

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @BeforeAll
  static void record() throws Exception {
    runtime = RouterRuntime.create(new HeadraceConfig.Threads(1, "auto"));
    SimOptions fast = SimOptions.of("vllm").withModels("m");
    SimOptions slow = fast.withCost(CostParameters.standard().withPrefill(4_000));
    SimulatedWorker a = get(SimulatedWorker.start(runtime.vertx(), fast));
    SimulatedWorker b = get(SimulatedWorker.start(runtime.vertx(), slow));
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
            logs: { decisions: 500 }
            """
                .formatted(a.url(), b.url()));
    ConfigResult read = new ConfigLoader(Map.of()).load(file, ConfigOverrides.NONE);
    router = get(HeadraceRouter.start(runtime, (ConfigResult.Ok) read, null));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(new ObjectMapper().readTree(admin("/admin/v1/workers")).get("workers"))
                    .hasSize(2)
                    .allMatch(worker -> worker.path("status").asText().equals("routable")));
    for (int round = 0; round < REQUESTS / 6; round++) {
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        answers.add(ask("word ".repeat(50 + 100 * i)));
      }
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        assertThat(answer.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      }
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(new ObjectMapper().readTree(decisions("json")).get("decisions"))
                    .hasSize(REQUESTS)
                    .allMatch(choice -> choice.at("/outcome/ended").asBoolean()));
    recorded = Files.writeString(dir.resolve("decisions.json"), decisions("json"));
  }

  @AfterAll
  static void stop() throws Exception {
    get(router.stop());
    get(runtime.vertx().close());
  }

  private static CompletableFuture<HttpResponse<String>> ask(String prompt) {
    return HTTP.sendAsync(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + router.dataPort() + "/v1/chat/completions"))
            .header("content-type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"model\":\"m\",\"stream\":true,\"max_tokens\":20,\"messages\":"
                        + "[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted(prompt)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static String decisions(String format) throws Exception {
    return admin("/admin/v1/decisions?limit=10000&format=" + format);
  }

  private static String admin(String path) throws Exception {
    return HTTP.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + router.adminPort() + path))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void whatCameOfEachChoiceIsRecorded() throws Exception {
    JsonNode newest = new ObjectMapper().readTree(recorded.toFile()).at("/decisions/0");
    assertThat(newest.at("/outcome/output_tokens").asInt()).isEqualTo(20);
    assertThat(newest.at("/outcome/ttft_s").asDouble()).isBetween(1e-6, 20.0);
    assertThat(newest.at("/workers/0/rates/gap_fixed_s").asDouble()).isPositive();
    assertThat(newest.at("/workers/0/capacity").isMissingNode()).isFalse();
  }

  @Test
  void eachPolicyIsComparedWithTheLog() throws Exception {
    Path csv = dir.resolve("choices.csv");
    Run run =
        Run.of(
            "lab",
            "replay",
            recorded.toString(),
            "--policy",
            "least-load",
            "--policy",
            "round-robin",
            "--choices",
            csv.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("**m**", REQUESTS + " requests in ", "chosen by least-load")
        .containsPattern("\\| the log, " + REQUESTS + " measured \\| +\\| \\d+ \\| \\d+ \\|")
        .containsPattern("\\| least-load \\| \\d+ % \\| \\d+ \\| \\d+ \\| static/a \\d+ %")
        .containsPattern("\\| round-robin \\| \\d+ % .* static/a 50 %, static/b 50 % \\|");
    assertThat(Files.readAllLines(csv))
        .hasSize(1 + REQUESTS)
        .first()
        .isEqualTo("model,seq,log,least-load,round-robin");
    assertThat(Files.readAllLines(csv).get(1)).matches("m,\\d+(,static/[ab]){3}");
  }

  @Test
  void linesSayTheSameAsTheObjectAndTheSameSeedGivesTheSame() throws Exception {
    Path lines = Files.writeString(dir.resolve("decisions.ndjson"), decisions("ndjson"));
    String fromObject = Run.of("lab", "replay", recorded.toString()).out();
    assertThat(Run.of("lab", "replay", recorded.toString()).out()).isEqualTo(fromObject);
    assertThat(Run.of("lab", "replay", lines.toString()).out()).isEqualTo(fromObject);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "hello; line 1: not JSON",
        "{\"decisions\":[]}; no choice in it",
        "{\"decisions\":3}; decisions: expected a list of choices, found 3",
        "{\"decisions\":[{\"workers\":[]}]}; decisions[0].demand.output_tokens: expected a number",
        "{\"models\":[]}; line 1.workers: expected a list of candidates, found nothing"
      })
  void aWrongFileIsToldWithItsPlaceAndWhatWasExpected(String text, String expected)
      throws Exception {
    Path wrong = Files.writeString(dir.resolve("wrong.json"), text);
    Run run = Run.of("lab", "replay", wrong.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err()).contains(wrong.toString(), expected);
    assertThat(run.err().strip().lines()).hasSize(1);
  }

  @Test
  void aFieldThatIsWrongInOneLineIsToldWithTheLine() throws Exception {
    List<String> lines = new ArrayList<>(decisions("ndjson").lines().toList());
    lines.set(2, lines.get(2).replaceFirst("\"at\":\"[^\"]+\"", "\"at\":\"yesterday\""));
    Path wrong = Files.write(dir.resolve("wrong.ndjson"), lines);
    assertThat(Run.of("lab", "replay", wrong.toString()).err())
        .contains("line 3.at: expected a time such as", "\"yesterday\"");
  }

  @Test
  void aFileThatIsNotThereAndAPolicyThatCannotBeReplayedAreTold() {
    Run missing = Run.of("lab", "replay", dir.resolve("none.json").toString());
    assertThat(missing.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(missing.err()).contains("none.json", "cannot be read");
    Run session = Run.of("lab", "replay", recorded.toString(), "--policy", "session");
    assertThat(session.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(session.err()).contains("expected one of least-load", "no session keys");
  }
}

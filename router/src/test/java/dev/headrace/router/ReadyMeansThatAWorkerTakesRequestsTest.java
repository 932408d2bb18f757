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
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever waits for readiness after a start is not refused for want of a worker. */
final class ReadyMeansThatAWorkerTakesRequestsTest {
  @TempDir Path dir;
  private final RouterRuntime runtime = RouterRuntime.create(new HeadraceConfig.Threads(1, "auto"));
  private final HttpClient http = HttpClient.newHttpClient();
  private HeadraceRouter router;

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private void start(String fleet) throws Exception {
    Path file =
        Files.writeString(
            dir.resolve("headrace.yaml"),
            "listen: 127.0.0.1:0\nadmin: { listen: \"127.0.0.1:0\" }\nfleet: " + fleet + "\n");
    ConfigResult read = new ConfigLoader(Map.of()).load(file, ConfigOverrides.NONE);
    router = get(HeadraceRouter.start(runtime, (ConfigResult.Ok) read, null));
  }

  @AfterEach
  void stop() throws Exception {
    get(router.stop());
    get(runtime.vertx().close());
  }

  private HttpResponse<String> call(int port, String path) throws Exception {
    return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build());
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest chat() {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + router.dataPort() + "/v1/chat/completions"))
        .header("content-type", "application/json")
        .POST(
            HttpRequest.BodyPublishers.ofString(
                "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[]}"))
        .build();
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aRouterWhoseWorkersAreNotThereYetIsAliveAndNotReady() throws Exception {
    int port = freePort();
    start("{ static: [ { id: a, url: \"http://127.0.0.1:%d\" } ] }".formatted(port));
    assertThat(call(router.dataPort(), "/healthz").statusCode()).isEqualTo(200);
    for (int side : new int[] {router.dataPort(), router.adminPort()}) {
      HttpResponse<String> answer = call(side, "/readyz");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body())
          .contains("\"not ready\"")
          .contains("none of the workers takes requests yet, 1 known");
    }
    assertThat(router.notReady()).isNotNull();
    HttpResponse<String> refused = send(chat());
    assertThat(refused.statusCode()).as("to be tried again, unlike 404").isEqualTo(503);
    assertThat(refused.body()).contains("no_worker_available").contains("not ready");
    assertThat(refused.headers().firstValue("retry-after")).hasValue("1");

    SimulatedWorker worker =
        get(
            SimulatedWorker.start(
                runtime.vertx(), SimOptions.of("vllm").withModels("m").withPort(port)));
    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> call(router.dataPort(), "/readyz").statusCode() == 200);
    assertThat(send(chat()).statusCode()).isEqualTo(200);

    // Later losses are told by answers: a load balancer must not lose all routers at once.
    get(worker.stop());
    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> call(router.adminPort(), "/admin/v1/workers").body().contains("\"down\""));
    assertThat(call(router.dataPort(), "/readyz").statusCode()).isEqualTo(200);
    assertThat(call(router.adminPort(), "/readyz").statusCode()).isEqualTo(200);
  }

  @Test
  void aRouterToWhichWorkersComeIsReadyBeforeThemSinceTheyMustReachIt() throws Exception {
    start("{ embedded: {} }");
    assertThat(call(router.dataPort(), "/readyz").statusCode()).isEqualTo(200);
    assertThat(call(router.adminPort(), "/readyz").statusCode()).isEqualTo(200);
  }
}

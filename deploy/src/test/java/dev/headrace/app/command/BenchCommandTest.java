package dev.headrace.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.app.ExitCode;
import dev.headrace.app.HeadraceCommand;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(60)
class BenchCommandTest {
  private static Vertx vertx;
  private static String url;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(BenchCommandTest::answer)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    url = "http://127.0.0.1:" + server.actualPort();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static void answer(HttpServerRequest request) {
    if (request.path().equals("/v1/models")) {
      request.response().end("{\"data\":[{\"id\":\"first\"},{\"id\":\"second\"}]}");
      return;
    }
    request
        .body()
        .onSuccess(
            body -> {
              if (!body.toString().contains("\"model\":\"first\"")) {
                request.response().setStatusCode(404).end("{\"error\":{\"message\":\"what?\"}}");
                return;
              }
              request
                  .response()
                  .putHeader("content-type", "text/event-stream")
                  .putHeader("x-headrace-worker", request.getHeader("x-headrace-debug") + "st")
                  .end("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n");
            });
  }

  @Test
  void aRunPrintsItsTableAndWritesItsFile(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("result.json");
    assertThat(run("--requests", "20", "--warmup", "0s", "--json", file.toString()))
        .isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("model first", "20 completed, 0 failed", "ttft", "verdict", "1st");
    assertThat(Files.readString(file)).contains("headrace-bench/1");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void theOpenLoopTakesARate() {
    assertThat(run("--requests", "20", "--warmup", "0s", "--rate", "100")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("open loop, Poisson 100/s", "20 completed");
  }

  @Test
  void failedRequestsFailTheRunUnlessAllowed() {
    assertThat(run("--requests", "3", "--warmup", "0s", "--model", "third"))
        .isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("3 of 3 requests failed", "--allow-failures");
    assertThat(out.toString()).contains("http_404: 3, first: what?");
    assertThat(run("--requests", "3", "--warmup", "0s", "--model", "third", "--allow-failures"))
        .isEqualTo(ExitCode.OK);
  }

  @Test
  void anAddressWithoutAnAnswerIsUnreachable() throws Exception {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0)) {
      nobody = socket.getLocalPort();
    }
    assertThat(execute("bench", "--url", "http://127.0.0.1:" + nobody))
        .isEqualTo(ExitCode.UNREACHABLE);
    assertThat(err.toString()).contains("nothing answers at http://127.0.0.1:" + nobody);
  }

  @Test
  void wrongOptionsAreSaidBeforeAnyContact() {
    assertThat(run("--rate", "5", "--concurrency", "2")).isEqualTo(ExitCode.USAGE);
    assertThat(run("--prompt-tokens", "many")).isEqualTo(ExitCode.USAGE);
    assertThat(run("--endpoint", "audio")).isEqualTo(ExitCode.USAGE);
    assertThat(run("--duration", "10")).isEqualTo(ExitCode.USAGE);
    assertThat(run("--rate", "-1")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("256+-20%", "chat, completions or embeddings");
  }

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("bench", "--url", url));
    all.addAll(List.of(arguments));
    return execute(all.toArray(String[]::new));
  }

  private int execute(String... arguments) {
    CommandLine line = HeadraceCommand.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }
}

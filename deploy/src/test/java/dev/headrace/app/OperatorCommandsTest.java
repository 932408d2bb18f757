package dev.headrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OperatorCommandsTest {
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private String admin;
  private int status = 200;
  private String body = "{}";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization"));
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    admin = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void workers_are_shown_in_aligned_columns_and_cannot_steer_the_terminal() {
    body =
        """
        {"workers":[
          {"id":"a","source":"static","status":"routable","engine":"vllm","models":["m1","m2"],
           "in_flight":3,"max_concurrency":64,"url":"http://127.0.0.1:9001","reason":null},
          {"id":"long-name","source":"consul","status":"down","engine":null,"models":null,
           "in_flight":0,"max_concurrency":null,"url":"http://127.0.0.1:9002",
           "reason":"evil \\u001b[2Jreason"}]}
        """;
    Run run = Run.of("workers", "--admin", admin, "--token", "t");
    assertThat(run.exitCode()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines.get(0)).startsWith("ID         SOURCE  STATUS    ENGINE  MODELS");
    assertThat(lines.get(1)).startsWith("a          static  routable  vllm    m1, m2");
    assertThat(lines.get(2)).endsWith("evil ?[2Jreason");
    assertThat(asked).containsExactly("GET /admin/v1/workers Bearer t");
  }

  @Test
  void models_are_shown_with_aliases_and_workers() {
    body =
        """
        {"models":[{"id":"m1","aliases":["gpt-4o-mini"],"routable":1,
          "workers":[{"id":"a"},{"id":"b"}]}]}
        """;
    Run run = Run.of("models", "--admin", admin);
    assertThat(run.out().lines().toList())
        .containsExactly("MODEL  ALIASES      READY  WORKERS", "m1     gpt-4o-mini      1  a, b");
    assertThat(Run.of("models", "--admin", admin, "--json").out()).contains("\"routable\" : 1");
  }

  @Test
  void actions_go_to_the_worker_by_its_id() {
    for (String action : List.of("drain", "undrain", "eject", "uneject")) {
      asked.clear();
      Run run = Run.of("workers", action, "--admin", admin, "gpu 1/x");
      assertThat(run.exitCode()).isZero();
      assertThat(run.out()).contains("gpu 1/x");
      assertThat(asked)
          .singleElement()
          .asString()
          .startsWith("POST /admin/v1/workers/gpu%201%2Fx/" + action);
    }
  }

  @Test
  void what_the_router_refuses_is_told_in_its_words() {
    status = 404;
    body = "{\"error\":{\"message\":\"There is no worker 'x'.\",\"code\":\"unknown_worker\"}}";
    Run unknown = Run.of("workers", "drain", "--admin", admin, "x");
    assertThat(unknown.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(unknown.err()).contains("There is no worker 'x'.");

    status = 401;
    Run refused = Run.of("workers", "--admin", admin);
    assertThat(refused.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(refused.err()).contains("--token", "HEADRACE_ADMIN_TOKEN");

    status = 200;
    body = "<html>not json</html>";
    assertThat(Run.of("workers", "--admin", admin).out()).contains("No worker is known");
  }
}

package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.worker.sim.SimOptions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * With the launcher's heap and the default bounds, as many request bodies as may be held are no
 * danger: what is beyond them is refused, and the router lives on.
 */
class BodiesFitTheHeapIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long BOUND = 256L << 20;

  /** Just above a power of two, where a growing buffer has the most room to spare. */
  private static final int LENGTH = (1 << 20) + (1 << 16);

  @Test
  void aFloodOfBodiesIsRefusedAndEndsNothing() throws Exception {
    try (SimFleet engines = new SimFleet();
        StuckWorker stuck = new StuckWorker();
        RouterProcess router = RouterProcess.start(settings(engines, stuck))) {
      List<Socket> clients = new ArrayList<>();
      byte[] request = request();
      for (int sent = 0; sent < BOUND + BOUND / 4; sent += LENGTH) {
        clients.add(send(router, request));
      }
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(held(router)).isBetween(BOUND / 4, BOUND));
      await().atMost(LIMIT).until(() -> refused(router) > 0);
      assertThat(chat(router)).as("served meanwhile, by another worker").isIn(200, 503);

      for (Socket client : clients) {
        client.close();
      }
      await().atMost(LIMIT).untilAsserted(() -> assertThat(held(router)).isZero());
      assertThat(chat(router)).isEqualTo(200);
    }
  }

  private static String settings(SimFleet engines, StuckWorker stuck) {
    return """
        fleet:
          static:
            - { id: stuck, url: "%s", engine: vllm, models: [stuck], max-concurrency: 1000 }
            - { id: good, url: "%s", engine: vllm, models: [good] }
        """
        .formatted(stuck.url(), engines.add(SimOptions.of("vllm").withModels("good")).url());
  }

  /** A stream, so that the body is rewritten: the router asks for the usage. */
  private static byte[] request() {
    String open = "{\"model\":\"stuck\",\"stream\":true,\"messages\":[{\"content\":\"";
    String close = "\",\"role\":\"user\"}]}";
    String text = "x".repeat(LENGTH - open.length() - close.length());
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + "Content-Length: %d\r\n\r\n".formatted(LENGTH);
    return (head + open + text + close).getBytes(StandardCharsets.US_ASCII);
  }

  private static Socket send(RouterProcess router, byte[] request) throws IOException {
    Socket client =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(router.url()).getPort());
    try {
      OutputStream out = client.getOutputStream();
      out.write(request);
    } catch (IOException e) {
      // It was refused before it was read to its end.
    }
    return client;
  }

  private static int chat(RouterProcess router) {
    String ask = "{\"model\":\"good\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    return router.caller().post("/v1/chat/completions", ask).status();
  }

  private static long held(RouterProcess router) {
    return (long) metric(router, "headrace_buffered_body_bytes");
  }

  private static long refused(RouterProcess router) {
    return (long) metric(router, "headrace_refusals_total{code=\"router_overloaded\"");
  }

  /** The sum of the lines that begin so. */
  private static double metric(RouterProcess router, String name) {
    return router
        .admin()
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Is well, and neither reads nor answers what it is asked. */
  private static final class StuckWorker implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;

    StuckWorker() {
      server =
          vertx
              .createHttpServer()
              .requestHandler(
                  request -> {
                    if (request.method() == HttpMethod.POST) {
                      request.pause();
                    } else {
                      request.response().end("{}");
                    }
                  })
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .orTimeout(20, TimeUnit.SECONDS)
              .join();
    }

    String url() {
      return "http://127.0.0.1:" + server.actualPort();
    }

    @Override
    public void close() {
      vertx
          .close()
          .toCompletionStage()
          .toCompletableFuture()
          .orTimeout(20, TimeUnit.SECONDS)
          .join();
    }
  }
}

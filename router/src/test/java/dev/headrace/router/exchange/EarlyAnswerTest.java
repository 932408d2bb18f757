package dev.headrace.router.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.kit.Http;
import dev.headrace.router.kit.RawClient.Answer;
import dev.headrace.router.kit.RouterKit;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a worker says before it has read the whole request is not lost with its connection. */
class EarlyAnswerTest {
  private static final int TIMES = 10;
  private static final String REFUSAL =
      "{\"error\":{\"message\":\"the body is too large\",\"type\":\"BadRequestError\","
          + "\"param\":null,\"code\":413}}";

  private final AtomicInteger asked = new AtomicInteger();

  /** Reads heads and no bodies. */
  private ServerSocket worker(boolean closes) throws Exception {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  serve(server.accept(), closes);
                }
              } catch (Exception e) {
                // The test is over.
              }
            });
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  private void serve(Socket socket, boolean closes) throws Exception {
    InputStream in = socket.getInputStream();
    String line;
    while ((line = Http.readLine(in)) != null && !line.isEmpty()) {
      // The head says nothing that matters.
    }
    asked.incrementAndGet();
    String answer =
        "HTTP/1.1 413 Content Too Large\r\nContent-Type: application/json\r\nContent-Length: "
            + REFUSAL.length()
            + "\r\n\r\n"
            + REFUSAL;
    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    if (closes) {
      // With bytes that nobody read: a reset.
      socket.close();
    }
  }

  private void reachesTheClient(boolean closes) throws Exception {
    try (ServerSocket worker = worker(closes);
        ServerSocket other = worker(closes);
        RouterKit kit =
            new RouterKit()
                .worker("a", "vllm", "m", worker.getLocalPort())
                .spare("b", "vllm", "m", other.getLocalPort())) {
      kit.options.maxBody = 16 << 20;
      kit.options.maxBuffered = 64 << 20;
      kit.start();
      String large = RouterKit.PLAIN.replace("\"hi\"", "\"" + "x".repeat(8 << 20).concat("\""));
      for (int i = 0; i < TIMES; i++) {
        Answer answer = kit.post(RouterKit.CHAT, large);
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body()).isEqualTo(REFUSAL);
      }
      assertThat(asked.get()).as("each was asked once").isEqualTo(TIMES);
      assertThat(kit.signals).as("nobody is to blame").isEmpty();
      assertThat(kit.count("headrace.retries")).isZero();
      assertThat(kit.log).allMatch(record -> record.outcome().equals("refused"));
      kit.assertNothingHeld();
    }
  }

  @Test
  void ofAWorkerThatCloses() throws Exception {
    reachesTheClient(true);
  }

  @Test
  void ofAWorkerThatReadsNoFurther() throws Exception {
    reachesTheClient(false);
  }
}

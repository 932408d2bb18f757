package dev.headrace.loadtest.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The instruments of the performance proofs, checked against each other. */
@Timeout(60)
class MockWorkerKeepsItsPaceTest {
  @TempDir private static Path folder;
  private static EventLoopGroup group;
  private static Process worker;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    Assumptions.assumeTrue(Epoll.isAvailable(), "the proofs run on Linux alone");
    group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    port = FreePort.find();
    worker = MockWorker.launch(port, folder.resolve("worker.log"));
    PlainHttp http = new PlainHttp(port);
    await().atMost(Duration.ofSeconds(30)).until(() -> http.answers("/v1/models"));
  }

  @AfterAll
  static void stop() throws Exception {
    if (worker != null) {
      worker.destroy();
      worker.waitFor(10, TimeUnit.SECONDS);
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  @Test
  void everyTokenOfAStreamIsCountedOnce() {
    try (LoadClient client = new LoadClient(group, Workload.FIRST_TOKEN, port)) {
      client.start();
      await().atMost(Duration.ofSeconds(30)).until(() -> client.answers() > 100);
      // One token in each answer; the last one may be between the two counters.
      long answers = client.answers();
      assertThat(client.tokens()).isBetween(answers, client.answers() + 1);
      assertThat(client.errors()).isZero();
      assertThat(client.firstToken().getTotalCount()).isGreaterThanOrEqualTo(answers);
    }
  }

  @Test
  void pacedStreamsBringAtMostTheirPace() {
    try (LoadClient client = new LoadClient(group, Workload.PACED, port)) {
      long began = System.nanoTime();
      client.start();
      await().atMost(Duration.ofSeconds(30)).until(() -> client.tokens() > 5_000);
      double seconds = (System.nanoTime() - began) / 1e9;
      // A token of each stream comes at once, then one in 10 ms.
      assertThat(client.tokens()).isLessThan((long) (300 + seconds * Workload.PACED.pace() * 1.1));
      assertThat(client.errors()).isZero();
    }
  }

  @Test
  void aJsonAnswerIsWholeAndAStreamEndsWithDone() {
    PlainHttp http = new PlainHttp(port);
    assertThat(http.streams(Workload.FIRST_TOKEN.request(port))).isTrue();
    assertThat(http.streams("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
        .isFalse();
    assertThat(new PlainHttp(1).answers("/")).isFalse();
  }

  @Test
  void theCpuOfAnotherProcessIsSeen() {
    double before = ProcessCpu.seconds(worker.toHandle());
    try (LoadClient client = new LoadClient(group, Workload.BACK_TO_BACK, port)) {
      client.start();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> ProcessCpu.seconds(worker.toHandle()) > before + 0.2);
      assertThat(client.tokens()).isPositive();
    }
    assertThat(ProcessCpu.machineSeconds()).isGreaterThan(0.2);
  }

  @Test
  void aSpreadIsTheMedianWithItsEnds() {
    assertThat(Spread.of(List.of(3.0, 1.0, 2.0), x -> x)).isEqualTo(new Spread(2, 1, 3));
    assertThat(Spread.of(List.of(3.0, 1.0, 2.0), x -> x).text("%.0f")).isEqualTo("2 (1 to 3)");
    assertThat(Spread.of(List.of(4.0), x -> x).text("%.1f")).isEqualTo("4.0");
    assertThat(Spread.of(List.<Double>of(), x -> x).text("%.1f")).isEqualTo("-");
  }
}

package dev.headrace.worker.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * One worker on one event loop carries many streams at once. {@code -Dsim.streams=2000} and {@code
 * -Dsim.tokens=200} make a measurement of it; the CPU time of the worker's thread is printed.
 */
class ManyStreamsTest {
  private static final int STREAMS = Integer.getInteger("sim.streams", 400);
  private static final int TOKENS = Integer.getInteger("sim.tokens", 60);

  private static final String MARK = "data: [DONE]\n\n";

  @Test
  void all_streams_run_at_once_and_end_whole() throws Exception {
    Vertx server = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    Vertx clients = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try {
      SimulatedWorker worker =
          SimulatedWorker.start(
                  server,
                  SimOptions.of("vllm")
                      .withDecode(20)
                      .withPrefill(10_000_000)
                      .withSlots(STREAMS)
                      .withOutputTokens(TOKENS))
              .toCompletionStage()
              .toCompletableFuture()
              .get(30, TimeUnit.SECONDS);
      long thread = threadOf(server);
      HttpClient client =
          clients.createHttpClient(
              new HttpClientOptions().setKeepAlive(false),
              new PoolOptions().setHttp1MaxSize(STREAMS));
      AtomicInteger whole = new AtomicInteger();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      long cpuBefore = cpu(thread);
      long began = System.nanoTime();
      clients.runOnContext(
          now -> {
            for (int i = 0; i < STREAMS; i++) {
              stream(client, worker, i, whole, failure);
            }
          });
      Awaitility.await()
          .atMost(Duration.ofSeconds(30 + TOKENS / 10))
          .until(() -> whole.get() == STREAMS || failure.get() != null);
      double cpuSeconds = (cpu(thread) - cpuBefore) / 1e9;
      double seconds = (System.nanoTime() - began) / 1e9;
      assertThat(failure.get()).isNull();
      SimStats stats = worker.stats();
      assertThat(stats.completed()).isEqualTo(STREAMS);
      assertThat(stats.peakInFlight()).as("streams at the same time").isGreaterThan(STREAMS / 4);
      assertThat(stats.generatedTokens()).isEqualTo((long) STREAMS * TOKENS);
      System.out.printf(
          "%d streams of %d tokens: %.1f s, %.2f s CPU on the worker's loop, %.1f us per token,"
              + " %.0f %% of one core, peak %d running%n",
          STREAMS,
          TOKENS,
          seconds,
          cpuSeconds,
          cpuSeconds * 1e6 / stats.generatedTokens(),
          100 * cpuSeconds / seconds,
          stats.peakRunning());
    } finally {
      clients.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
      server.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  private static void stream(
      HttpClient client,
      SimulatedWorker worker,
      int number,
      AtomicInteger whole,
      AtomicReference<Throwable> failure) {
    client
        .request(HttpMethod.POST, worker.port(), "127.0.0.1", "/v1/chat/completions")
        .compose(
            request ->
                request
                    .putHeader("content-type", "application/json")
                    .send(Sims.streamed("question " + number).toBuffer()))
        .onFailure(failure::set)
        .onSuccess(
            response -> {
              StringBuilder tail = new StringBuilder();
              response.exceptionHandler(failure::set);
              response.handler(
                  bytes -> {
                    // The end mark may come in two reads.
                    tail.append(bytes.toString(StandardCharsets.ISO_8859_1));
                    tail.delete(0, Math.max(0, tail.length() - MARK.length()));
                  });
              response.endHandler(ended -> whole.addAndGet(tail.toString().equals(MARK) ? 1 : 0));
            });
  }

  private static long threadOf(Vertx vertx) throws Exception {
    CompletableFuture<Long> id = new CompletableFuture<>();
    vertx.runOnContext(now -> id.complete(Thread.currentThread().getId()));
    return id.get(10, TimeUnit.SECONDS);
  }

  private static long cpu(long thread) {
    return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
  }
}

package dev.headrace.loadtest.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.headrace.loadtest.Benchmark;
import dev.headrace.loadtest.LoadOptions;
import dev.headrace.loadtest.LoadShape;
import dev.headrace.loadtest.plan.BenchEndpoint;
import dev.headrace.loadtest.plan.LengthLaw;
import dev.headrace.loadtest.result.ErrorKind;
import dev.headrace.loadtest.result.LoadResult;
import dev.headrace.loadtest.result.Metric;
import dev.headrace.loadtest.result.ResultJson;
import dev.headrace.loadtest.result.ResultTable;
import dev.headrace.loadtest.result.WorkerShare;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MeasuresWhatIsThereTest {
  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setPreferNativeTransport(true));

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void timesOfAKnownServerAreFound() throws Exception {
    // 20 ms to the head, 50 tokens 10 ms apart: ttft 20, tpot 10, whole 20 + 49 x 10.
    KnownAnswerServer server = new KnownAnswerServer(vertx, 20, 50, 10);
    LoadResult result = run(options(server, new LoadShape.Closed(4)).requests(40).build());

    assertThat(result.counts().completed()).isEqualTo(40);
    assertThat(result.counts().failed()).isZero();
    assertThat(server.served()).isEqualTo(40);
    // Medians: never early; late by what a crowded machine's timers add.
    assertThat(median(result, Metric.TTFT)).isBetween(19.0, 45.0);
    assertThat(median(result, Metric.TTFB)).isBetween(19.0, 45.0);
    assertThat(median(result, Metric.TPOT)).isBetween(9.8, 20.0);
    assertThat(median(result, Metric.CHUNK_GAP)).isBetween(8.0, 20.0);
    assertThat(median(result, Metric.E2E)).isBetween(505.0, 1000.0);
    assertThat(result.latency(Metric.CHUNK_GAP).count()).isEqualTo(40 * 49);
    assertThat(result.tokens().output()).isEqualTo(40 * 50);
    assertThat(result.tokens().prompt()).isEqualTo(40 * 11);
    assertThat(result.tokens().source()).isEqualTo("usage");
    assertThat(result.workers())
        .extracting(WorkerShare::id, WorkerShare::requests)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("fast", 30L),
            org.assertj.core.groups.Tuple.tuple("slow", 10L));
  }

  @Test
  void aFrozenServerShowsInTheHeadlineAndHidesFromTheSendClock() throws Exception {
    // The coordinated omission proof: 100/s, at most 8 unanswered, one freeze of 1.5 s. Most of the
    // requests planned in the freeze wait for a place; only those 8 that were out see it by t1.
    KnownAnswerServer server = new KnownAnswerServer(vertx, 2, 1, 0);
    LoadOptions options =
        options(server, new LoadShape.Open(100, 8)).duration(Duration.ofSeconds(5)).build();
    server.freeze(1500, 1500);
    LoadResult result = run(options);

    assertThat(result.counts().failed()).isZero();
    assertThat(result.counts().dropped()).isZero();
    double intended = result.latency(Metric.E2E).value(90);
    double sent = result.latency(Metric.E2E_SENT).value(90);
    assertThat(intended).isGreaterThan(400);
    assertThat(sent).isLessThan(intended / 4);
    assertThat(result.counts().waited()).isGreaterThan(50);
  }

  @Test
  void aWarmupIsInNoFigureAndThePlanDoesNotDependOnIt() throws Exception {
    KnownAnswerServer server = new KnownAnswerServer(vertx, 1, 2, 0);
    OptionsBuilder options = options(server, new LoadShape.Open(200, 64)).requests(50);
    LoadResult first = run(options.build());
    int before = server.served();
    LoadResult second = run(options.warmup(Duration.ofMillis(300)).build());

    assertThat(before).isEqualTo(50);
    assertThat(server.served()).isGreaterThan(100);
    assertThat(second.counts().completed()).isEqualTo(50);
    assertThat(second.planSha256()).isEqualTo(first.planSha256());
  }

  @Test
  void failuresAreCountedByKindAndMakeNothingLookFast(@TempDir Path folder) throws Exception {
    KnownAnswerServer server = new KnownAnswerServer(vertx, 5, 3, 0);
    server.failEvery = 5;
    server.truncateEvery = 7;
    LoadResult result = run(options(server, new LoadShape.Closed(3)).requests(70).build());

    assertThat(result.errors())
        .extracting(ErrorKind::kind, ErrorKind::count, ErrorKind::example)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("http_503", 14L, "full"),
            org.assertj.core.groups.Tuple.tuple(
                "truncated", 8L, "the stream ended without finish reason and without [DONE]"));
    assertThat(result.latency(Metric.E2E).count()).isEqualTo(48);
    assertThat(result.latency(Metric.TIME_TO_FAILURE).count()).isEqualTo(22);

    Path file = folder.resolve("result.json");
    ResultJson.write(result, file);
    JsonNode json = new ObjectMapper().readTree(Files.readString(file));
    assertThat(json.path("schema").asText()).isEqualTo("headrace-bench/1");
    assertThat(json.at("/counts/failed").asInt()).isEqualTo(22);
    assertThat(json.at("/latency_ms/ttft/n").asInt()).isEqualTo(48);
    assertThat(json.at("/latency_ms/ttft/p99").isNull()).isTrue();
    assertThat(String.join("\n", ResultTable.of(result)))
        .contains("48 completed, 22 failed", "http_503: 14, first: full");
  }

  @Test
  void wholeAnswersAreMeasuredToo() throws Exception {
    KnownAnswerServer server = new KnownAnswerServer(vertx, 10, 4, 0);
    LoadResult result =
        run(options(server, new LoadShape.Closed(2)).requests(20).stream(false).loops(2).build());

    assertThat(result.counts().completed()).isEqualTo(20);
    assertThat(result.tokens().output()).isEqualTo(80);
    assertThat(result.latency(Metric.TTFT).count()).isZero();
    assertThat(median(result, Metric.E2E)).isBetween(9.0, 40.0);
  }

  @Test
  void aSilentServerTimesOut() throws Exception {
    KnownAnswerServer server = new KnownAnswerServer(vertx, 60_000, 1, 0);
    LoadResult result =
        run(
            options(server, new LoadShape.Closed(2))
                .requests(2)
                .timeout(Duration.ofMillis(300))
                .build());

    assertThat(result.errors()).extracting(ErrorKind::kind).containsExactly("timeout");
    assertThat(result.counts().completed()).isZero();
    assertThat(ResultTable.of(result)).isNotEmpty();
  }

  @Test
  void aServerThatClosesAfterEachStreamCausesNoFailures() throws Exception {
    KnownAnswerServer server = new KnownAnswerServer(vertx, 1, 2, 0);
    server.closesAfterStream = true;
    LoadResult result = run(options(server, new LoadShape.Closed(4)).requests(200).build());

    assertThat(result.counts().failed()).isZero();
    assertThat(result.counts().completed()).isEqualTo(200);
  }

  @Test
  void nobodyListeningIsAFailureOfEachRequest() throws Exception {
    LoadResult result =
        run(
            new OptionsBuilder(URI.create("http://127.0.0.1:1"), new LoadShape.Closed(2))
                .requests(4)
                .build());

    assertThat(result.errors()).extracting(ErrorKind::kind).containsExactly("connect");
    assertThat(result.counts().failed()).isEqualTo(4);
  }

  private OptionsBuilder options(KnownAnswerServer server, LoadShape shape) throws Exception {
    URI target = server.start().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    return new OptionsBuilder(target, shape);
  }

  private LoadResult run(LoadOptions options) throws Exception {
    return Benchmark.run(vertx, options, progress -> {})
        .toCompletionStage()
        .toCompletableFuture()
        .get(50, TimeUnit.SECONDS);
  }

  private static double median(LoadResult result, Metric metric) {
    return result.latency(metric).value(50);
  }

  private static final class OptionsBuilder {
    private final URI target;
    private final LoadShape shape;
    private Duration warmup = Duration.ZERO;
    private Duration duration;
    private long requests;
    private boolean stream = true;
    private Duration timeout = Duration.ofSeconds(30);
    private int loops = 1;

    OptionsBuilder(URI target, LoadShape shape) {
      this.target = target;
      this.shape = shape;
    }

    OptionsBuilder requests(long count) {
      requests = count;
      return this;
    }

    OptionsBuilder duration(Duration time) {
      duration = time;
      return this;
    }

    OptionsBuilder warmup(Duration time) {
      warmup = time;
      return this;
    }

    OptionsBuilder timeout(Duration time) {
      timeout = time;
      return this;
    }

    OptionsBuilder stream(boolean on) {
      stream = on;
      return this;
    }

    OptionsBuilder loops(int count) {
      loops = count;
      return this;
    }

    LoadOptions build() {
      return new LoadOptions(
          target,
          BenchEndpoint.CHAT,
          "known",
          stream,
          shape,
          warmup,
          duration,
          requests,
          LengthLaw.exactly(16),
          LengthLaw.exactly(50),
          1,
          false,
          null,
          timeout,
          Duration.ofSeconds(30),
          loops);
    }
  }
}

package dev.headrace.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.config.ConfigLoader;
import dev.headrace.router.config.ConfigOverrides;
import dev.headrace.router.config.ConfigResult;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.sim.SimFaults;
import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
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
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole router before simulated engines whose health page says that all is well, while requests
 * fail on them.
 */
final class FailingWorkersAreEjectedTest {
  private static final Logger LOGGER = Logger.getLogger("dev.headrace.router.OutlierLog");

  @TempDir Path dir;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<SimulatedWorker> workers = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private final Handler ear = new Ear();
  private RouterRuntime runtime;
  private HeadraceRouter router;

  private final class Ear extends Handler {
    @Override
    public void publish(LogRecord line) {
      synchronized (log) {
        log.add(new SimpleFormatter().formatMessage(line));
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void listen() {
    LOGGER.addHandler(ear);
    runtime = RouterRuntime.create(new HeadraceConfig.Threads(2, "auto"));
  }

  @AfterEach
  void stop() throws Exception {
    LOGGER.removeHandler(ear);
    get(router.stop());
    get(runtime.vertx().close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static void eventually(ThrowingRunnable assertion) {
    await()
        .atMost(30, TimeUnit.SECONDS)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(assertion);
  }

  private static SimOptions fast() {
    return SimOptions.of("vllm").withModels("m").instant().withOutputTokens(2);
  }

  /** A router before workers {@code w0}, {@code w1}, … */
  private void start(String policy, String outliers, String retry, SimOptions... options)
      throws Exception {
    StringBuilder entries = new StringBuilder();
    for (int i = 0; i < options.length; i++) {
      workers.add(get(SimulatedWorker.start(runtime.vertx(), options[i])));
      entries.append("    - { id: w").append(i).append(", url: \"");
      entries.append(workers.get(i).url()).append("\", models: [m] }\n");
    }
    Path file =
        Files.writeString(
            dir.resolve("headrace.yaml"),
            """
            listen: 127.0.0.1:0
            admin: { listen: 127.0.0.1:0 }
            fleet:
              static:
            %sdefaults: { policy: %s, first-token-timeout: 2s }
            health: { interval: 1h, outliers: { %s } }
            retry: { %s }
            """
                .formatted(entries, policy, outliers, retry));
    ConfigResult read = new ConfigLoader(Map.of()).load(file, ConfigOverrides.NONE);
    assertThat(read).as("%s", read).isInstanceOf(ConfigResult.Ok.class);
    router = get(HeadraceRouter.start(runtime, (ConfigResult.Ok) read, null));
  }

  private HttpRequest asks(boolean stream) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + router.dataPort() + "/v1/chat/completions"))
        .header("content-type", "application/json")
        .POST(
            HttpRequest.BodyPublishers.ofString(
                "{\"model\":\"m\",\"stream\":"
                    + stream
                    + ",\"messages\":[{\"role\":\"user\",\"content\":\"how are you\"}]}"))
        .build();
  }

  private int ask() throws Exception {
    return http.send(asks(false), HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  private CompletableFuture<HttpResponse<String>> askLater(boolean stream) {
    return http.sendAsync(asks(stream), HttpResponse.BodyHandlers.ofString());
  }

  private JsonObject admin(String method, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + router.adminPort() + path))
            .header("content-type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body());
  }

  private static JsonObject named(JsonArray workers, String id) {
    return workers.stream()
        .map(JsonObject.class::cast)
        .filter(worker -> worker.getString("id").equals(id))
        .findFirst()
        .orElseThrow();
  }

  private JsonArray outliers(String id) throws Exception {
    return named(admin("GET", "/admin/v1/workers", "").getJsonArray("workers"), id)
        .getJsonArray("outliers");
  }

  private String state(String id) throws Exception {
    JsonArray all = outliers(id);
    return all.isEmpty() ? "in_use" : all.getJsonObject(0).getString("state");
  }

  private JsonObject explain() throws Exception {
    return admin("POST", "/admin/v1/explain", "{\"model\":\"m\"}");
  }

  private double count(String name, String... tags) {
    return runtime.registry().find(name).tags(tags).counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  private double gauge(String name, String... tags) {
    return runtime.registry().find(name).tags(tags).gauges().stream()
        .mapToDouble(Gauge::value)
        .sum();
  }

  private void faults(int worker, SimFaults faults) throws Exception {
    get(workers.get(worker).faults(faults));
  }

  private long served(int worker) {
    return workers.get(worker).stats().byEndpoint().entrySet().stream()
        .filter(entry -> entry.getKey().contains("/chat/completions"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static final String QUICK =
      "failures: 3, ejection: 400ms, max-ejection: 10s, slow-start: 0s";

  @Test
  void afterAFewFailuresUntilATrialSucceedsAndAllOfItIsSeen() throws Exception {
    start("round-robin", QUICK, "attempts: 3", fast(), fast(), fast());
    faults(0, SimFaults.with("fail_status", 500));
    int asked = 0;
    while (count("headrace.ejections") == 0) {
      assertThat(ask()).isEqualTo(200);
      asked++;
    }
    assertThat(asked).isLessThanOrEqualTo(9);
    assertThat(count("headrace.ejections", "model", "m", "reason", "failures")).isEqualTo(1);
    assertThat(gauge("headrace.ejected.workers", "model", "m")).isEqualTo(1);
    assertThat(gauge("headrace.worker.ejected", "worker", "static/w0", "model", "m")).isEqualTo(1);
    assertThat(gauge("headrace.worker.ejected", "worker", "static/w1")).isZero();
    JsonObject told = outliers("w0").getJsonObject(0);
    assertThat(told.getString("model")).isEqualTo("m");
    assertThat(told.getString("reason")).isEqualTo("3 failures in a row");
    assertThat(told.getInteger("ejections")).isEqualTo(1);
    assertThat(outliers("w1")).isEmpty();
    JsonObject seen = named(explain().getJsonArray("workers"), "w0");
    assertThat(seen.getString("reason"))
        .satisfiesAnyOf(
            reason -> assertThat(reason).startsWith("ejected until "),
            reason -> assertThat(reason).isNull());

    // Trials fail, and each makes the ejection longer.
    eventually(
        () -> {
          assertThat(ask()).isEqualTo(200);
          assertThat(count("headrace.ejection.trials", "result", "failed")).isGreaterThan(0);
        });
    assertThat(count("headrace.ejections", "reason", "trial")).isGreaterThan(0);
    assertThat(outliers("w0").getJsonObject(0).getInteger("ejections")).isGreaterThan(1);

    faults(0, SimFaults.NONE);
    eventually(
        () -> {
          assertThat(ask()).isEqualTo(200);
          assertThat(count("headrace.ejection.trials", "result", "passed")).isEqualTo(1);
        });
    assertThat(state("w0")).isEqualTo("in_use");
    assertThat(gauge("headrace.ejected.workers", "model", "m")).isZero();
    assertThat(gauge("headrace.worker.ejected", "worker", "static/w0")).isZero();
    synchronized (log) {
      assertThat(log)
          .anyMatch(line -> line.matches("Worker static/w0 is ejected from the pool of m for .*"))
          .anyMatch(
              line -> line.equals("Worker static/w0 is back in the pool of m: its trial passed"));
    }
    assertThat(runtime.registry().scrape())
        .contains(
            "headrace_ejections_total{",
            "headrace_ejection_trials_total{",
            "headrace_ejected_workers{",
            "headrace_worker_ejected{",
            "headrace_pool_panic{");
  }

  @Test
  void aWorkerThatClosesBeforeItsHead() throws Exception {
    start("round-robin", QUICK, "attempts: 3", fast(), fast());
    faults(1, SimFaults.with("close_before_head", true));
    for (int i = 0; i < 12; i++) {
      assertThat(ask()).isEqualTo(200);
    }
    assertThat(count("headrace.ejections", "reason", "failures")).isEqualTo(1);
    faults(1, SimFaults.NONE);
    eventually(
        () -> {
          assertThat(ask()).isEqualTo(200);
          assertThat(state("w1")).isEqualTo("in_use");
        });
  }

  @Test
  void aWorkerThatStallsAndATrialWhoseClientLeavesGivesItsSlotToAnother() throws Exception {
    start("round-robin", QUICK, "attempts: 3", fast(), fast());
    faults(0, SimFaults.with("stall_before_head", true));
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(askLater(true));
    }
    for (CompletableFuture<HttpResponse<String>> one : all) {
      one.get(30, TimeUnit.SECONDS);
    }
    assertThat(count("headrace.ejections", "reason", "failures")).isEqualTo(1);

    // Whoever is the trial hangs, and leaves.
    eventually(() -> assertThat(state("w0")).isEqualTo("trial"));
    CompletableFuture<HttpResponse<String>> hangs = null;
    while (hangs == null) {
      CompletableFuture<HttpResponse<String>> one = askLater(true);
      await()
          .atMost(20, TimeUnit.SECONDS)
          .until(
              () -> one.isDone() || outliers("w0").getJsonObject(0).getBoolean("trial_under_way"));
      hangs = one.isDone() ? null : one;
    }
    assertThat(named(explain().getJsonArray("workers"), "w0").getString("reason"))
        .isEqualTo("ejected, a trial request is under way");
    hangs.cancel(true);
    eventually(
        () ->
            assertThat(count("headrace.ejection.trials", "result", "no_verdict")).isGreaterThan(0));
    faults(0, SimFaults.NONE);
    eventually(
        () -> {
          assertThat(ask()).isEqualTo(200);
          assertThat(state("w0")).isEqualTo("in_use");
        });
  }

  @Test
  void aWorkerWhoseFirstTokensAreFarLaterThanPredicted() throws Exception {
    start(
        "round-robin",
        "slow-first-tokens: 2, slow-at-least: 100ms, ejection: 1m",
        "attempts: 3",
        fast(),
        fast().withCost(fast().cost().withDecode(1e6)).withPrefill(10));
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(askLater(true));
    }
    for (CompletableFuture<HttpResponse<String>> one : all) {
      one.get(60, TimeUnit.SECONDS);
    }
    assertThat(count("headrace.ejections", "reason", "slow")).isEqualTo(1);
    assertThat(state("w0")).isEqualTo("in_use");
    assertThat(state("w1")).isEqualTo("ejected");
    JsonObject seen = named(explain().getJsonArray("workers"), "w1");
    assertThat(seen.getBoolean("eligible")).isFalse();
    assertThat(seen.getString("reason"))
        .matches("ejected until \\S+: \\d+ slow first tokens in a row");
  }

  @Test
  void neverForBeingFullNorForWhatTheClientDidWrong() throws Exception {
    start(
        "round-robin",
        QUICK,
        "attempts: 3",
        fast().withContextTokens(64),
        fast().withContextTokens(64));
    faults(0, SimFaults.with("fail_status", 429));
    for (int i = 0; i < 20; i++) {
      assertThat(ask()).isEqualTo(200);
    }
    HttpRequest wrong =
        HttpRequest.newBuilder(asks(false).uri())
            .header("content-type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                        + "too long ".repeat(100)
                        + "\"}]}"))
            .build();
    faults(0, SimFaults.NONE);
    for (int i = 0; i < 20; i++) {
      assertThat(http.send(wrong, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isBetween(400, 499);
    }
    assertThat(count("headrace.ejections")).isZero();
    assertThat(count("headrace.attempts", "result", "status")).isGreaterThan(20);
  }

  @Test
  void atMostHalfAndWhenAllFailAllAreUsed() throws Exception {
    start(
        "round-robin",
        "failures: 2, ejection: 1m, slow-start: 0s",
        "attempts: 4, budget: 4, min-per-second: 1000",
        fast(),
        fast(),
        fast(),
        fast());
    faults(0, SimFaults.with("fail_status", 503));
    faults(1, SimFaults.with("fail_status", 503));
    while (count("headrace.ejections") < 2) {
      assertThat(ask()).isEqualTo(200);
    }
    assertThat(gauge("headrace.pool.panic", "model", "m")).isZero();
    assertThat(explain().getBoolean("panic")).isFalse();
    long before = served(0) + served(1);
    for (int i = 0; i < 10; i++) {
      assertThat(ask()).isEqualTo(200);
    }
    assertThat(served(0) + served(1)).isEqualTo(before);

    faults(2, SimFaults.with("fail_status", 503));
    while (gauge("headrace.pool.panic", "model", "m") == 0) {
      assertThat(ask()).isEqualTo(200);
    }
    JsonObject seen = explain();
    assertThat(seen.getBoolean("panic")).isTrue();
    for (int i = 0; i < 4; i++) {
      assertThat(named(seen.getJsonArray("workers"), "w" + i).getBoolean("eligible")).isTrue();
    }
    assertThat(outliers("w0").getJsonObject(0).getBoolean("ignored_in_panic")).isTrue();

    // One that works again ends it at once.
    faults(0, SimFaults.NONE);
    eventually(
        () -> {
          assertThat(ask()).isEqualTo(200);
          assertThat(gauge("headrace.pool.panic", "model", "m")).isZero();
        });
    assertThat(state("w0")).isEqualTo("in_use");
    assertThat(state("w1")).isEqualTo("ejected");
    synchronized (log) {
      assertThat(log)
          .contains(
              "Panic in the pool of m: 3 of 4 routable workers are ejected, so all are used",
              "The panic in the pool of m is over: 2 of 4 routable workers are ejected");
    }
    admin("POST", "/admin/v1/workers/w1/uneject", "");
    assertThat(state("w1")).isEqualTo("in_use");
  }

  @Test
  void whoComesBackGetsASmallShareFirst() throws Exception {
    start(
        "weighted",
        "failures: 3, ejection: 200ms, slow-start: 2m",
        "attempts: 3, min-per-second: 1000",
        fast(),
        fast());
    faults(0, SimFaults.with("fail_status", 500));
    while (count("headrace.ejections") == 0) {
      ask();
    }
    faults(0, SimFaults.NONE);
    eventually(
        () -> {
          ask();
          assertThat(count("headrace.ejection.trials", "result", "passed")).isEqualTo(1);
        });
    assertThat(state("w0")).isEqualTo("slow_start");
    assertThat(outliers("w0").getJsonObject(0).getDouble("weight_share")).isBetween(0.1, 0.3);
    long before = served(0);
    int asked = 300;
    for (int i = 0; i < asked; i++) {
      assertThat(ask()).isEqualTo(200);
    }
    // 1/11 in the first 12 s, a third at the end of a minute; an equal share would be a half.
    assertThat((double) (served(0) - before) / asked).isBetween(0.02, 0.4);
  }

  @Test
  void anOutageOfAllCostsTheRetryBudgetAndNoMore() throws Exception {
    start(
        "round-robin",
        "failures: 3, ejection: 1m",
        "attempts: 3, budget: 0.2, min-per-second: 0",
        fast(),
        fast(),
        fast());
    for (int i = 0; i < 3; i++) {
      faults(i, SimFaults.with("fail_status", 500));
    }
    int requests = 300;
    for (int i = 0; i < requests; i++) {
      assertThat(ask()).isEqualTo(502);
    }
    double attempts = count("headrace.attempts");
    assertThat(attempts / requests).isBetween(1.1, 1.2);
    assertThat(count("headrace.retries")).isEqualTo(attempts - requests);
    assertThat(count("headrace.retries.refused", "reason", "status")).isGreaterThan(200);
  }
}

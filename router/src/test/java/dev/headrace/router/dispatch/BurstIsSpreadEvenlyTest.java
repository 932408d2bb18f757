package dev.headrace.router.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.headrace.router.kit.RawClient;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.worker.sim.SimFaults;
import dev.headrace.worker.sim.SimOptions;
import dev.headrace.worker.sim.SimulatedWorker;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A thousand simultaneous requests on ten idle equal engines, over real sockets: each engine holds
 * a hundred of them, or one more or less.
 */
class BurstIsSpreadEvenlyTest {
  private static final int WORKERS = 10;
  private static final int REQUESTS = 1000;

  private final List<SimulatedWorker> engines = new ArrayList<>();
  private final List<RawClient> clients = new ArrayList<>();
  private Vertx vertx;
  private RouterKit kit;

  @BeforeEach
  void open() throws Exception {
    vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    kit = new RouterKit();
    kit.options.maxConnections = 2 * REQUESTS;
    kit.options.maxInFlight = 2 * REQUESTS;
    for (int i = 0; i < WORKERS; i++) {
      SimulatedWorker engine =
          get(
              SimulatedWorker.start(
                  vertx, SimOptions.of("vllm").withName("w" + i).withSeed(i).withOutputTokens(4)));
      engines.add(engine);
      kit.worker("w" + i, "vllm", "m", engine.port());
    }
  }

  @AfterEach
  void close() throws Exception {
    for (RawClient client : clients) {
      client.close();
    }
    kit.close();
    get(vertx.close());
  }

  private static <T> T get(io.vertx.core.Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void beforeAnySpeedIsKnownAndWhenLearnedSpeedsDifferByNoise(int loops) throws Exception {
    kit.options.loops = loops;
    kit.start();
    assertThat(spreadOfABurst()).as("speeds unknown").isLessThanOrEqualTo(1);
    warmUp();
    assertThat(spreadOfABurst()).as("speeds learned").isLessThanOrEqualTo(1);
  }

  /** Traffic from which the router learns speeds: prompts of many lengths, eight at a time. */
  private void warmUp() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    ExecutorService users = Executors.newFixedThreadPool(8);
    List<java.util.concurrent.Future<?>> ends = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      String body = RouterKit.STREAM.replace("hi", "word ".repeat(1 + random.nextInt(400)));
      ends.add(users.submit(() -> kit.post(RouterKit.CHAT, body)));
    }
    for (java.util.concurrent.Future<?> end : ends) {
      end.get(20, TimeUnit.SECONDS);
    }
    users.shutdown();
    kit.assertNothingHeld();
  }

  /** The fullest worker's requests less the emptiest one's, while all requests are in flight. */
  private int spreadOfABurst() throws Exception {
    faults(SimFaults.with("stall_before_head", true));
    for (int i = 0; i < REQUESTS; i++) {
      clients.add(kit.client());
    }
    for (RawClient client : clients) {
      client.post(RouterKit.CHAT, RouterKit.STREAM);
    }
    await().atMost(20, TimeUnit.SECONDS).until(() -> held().getSum() == REQUESTS);
    IntSummaryStatistics held = held();
    System.out.println("a burst leaves " + held.getMin() + " to " + held.getMax());
    for (RawClient client : clients) {
      client.close();
    }
    clients.clear();
    kit.assertNothingHeld();
    faults(SimFaults.NONE);
    return held.getMax() - held.getMin();
  }

  private void faults(SimFaults faults) throws Exception {
    for (SimulatedWorker engine : engines) {
      get(engine.faults(faults));
    }
  }

  private IntSummaryStatistics held() {
    return kit.workers.values().stream()
        .mapToInt(worker -> worker.ledger().inFlight())
        .summaryStatistics();
  }
}

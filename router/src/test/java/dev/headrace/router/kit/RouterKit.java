package dev.headrace.router.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.router.RouterRuntime;
import dev.headrace.router.admission.Order;
import dev.headrace.router.balance.ModelMeans;
import dev.headrace.router.balance.WorkerLedger;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.config.Secret;
import dev.headrace.router.dispatch.Dispatch;
import dev.headrace.router.exchange.WorkerSignals;
import dev.headrace.router.fleet.FleetSnapshot;
import dev.headrace.router.fleet.FleetView;
import dev.headrace.router.fleet.ModelSettings;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.fleet.WorkerSpec;
import dev.headrace.router.http.DataServer;
import dev.headrace.router.observe.AccessLog;
import dev.headrace.router.observe.AccessRecord;
import dev.headrace.router.observe.RouterMeters;
import dev.headrace.worker.Engine;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.engine.Engines;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A router with scripted workers behind it, for tests that drive it over real sockets. */
public final class RouterKit implements AutoCloseable {
  public static final String CHAT = "/v1/chat/completions";
  public static final String STREAM =
      "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  public static final String PLAIN =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  /** Every knob that some test turns. */
  public static final class Options {
    public int loops = 1;
    public int attempts = 3;
    public double retryBudget = 0.2;
    public double retriesPerSecond = 3;
    public Duration firstToken = Duration.ofSeconds(30);
    public Duration idle = Duration.ofSeconds(30);
    public Duration total = Duration.ofSeconds(60);
    public Duration comment = Duration.ofSeconds(30);
    public String policy = "least-load";
    public Duration header = Duration.ofSeconds(30);
    public Duration body = Duration.ofSeconds(30);
    public Duration clientIdle = Duration.ofSeconds(30);
    public Duration grace = Duration.ofSeconds(10);
    public long maxBody = 1 << 20;
    public long maxBuffered = 16 << 20;
    public int maxConnections = 1000;
    public int maxInFlight = 1000;
    public int maxQueue = 1000;
    public Duration maxWait = Duration.ofSeconds(30);
    public Order order = Order.FCFS;
    public int decisions;
    public Path keysFile;
    public HeadraceConfig.RateLimits rateLimits = HeadraceConfig.RateLimits.NONE;
  }

  private record Entry(
      String id,
      String engine,
      String model,
      int port,
      int capacity,
      String apiKey,
      double weight) {}

  public final Options options = new Options();
  public final Faults faults = new Faults();
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, String> aliases = new HashMap<>();
  public final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  public final List<AccessRecord> log = new CopyOnWriteArrayList<>();
  public final List<String> signals = new CopyOnWriteArrayList<>();
  public final Map<String, Worker> workers = new LinkedHashMap<>();
  public Vertx vertx;
  public DataServer server;
  private volatile FleetSnapshot fleet;

  public RouterKit worker(String id, String engine, String model, int port) {
    return worker(id, engine, model, port, Integer.MAX_VALUE, null);
  }

  public RouterKit worker(
      String id, String engine, String model, int port, int capacity, String apiKey) {
    return worker(id, engine, model, port, capacity, apiKey, 1);
  }

  /** The lighter one is chosen only when no other can be. */
  public RouterKit worker(
      String id,
      String engine,
      String model,
      int port,
      int capacity,
      String apiKey,
      double weight) {
    entries.add(new Entry(id, engine, model, port, capacity, apiKey, weight));
    return this;
  }

  /** A worker that is chosen only when no other can be. */
  public RouterKit spare(String id, String engine, String model, int port) {
    return worker(id, engine, model, port, Integer.MAX_VALUE, null, 0.001);
  }

  public RouterKit alias(String alias, String model) {
    aliases.put(alias, model);
    return this;
  }

  public RouterKit start() throws Exception {
    vertx = vertx(options.loops);
    fleet = fleet();
    RouterMeters meters = new RouterMeters(registry);
    FleetView view = faults.around(FleetView.class, () -> fleet);
    server =
        DataServer.start(
                vertx,
                config(),
                view,
                meters,
                faults.around(WorkerSignals.class, new Signals()),
                faults.around(AccessLog.class, log::add),
                "test",
                faults.around(Dispatch.class, DataServer.dispatch(config(), view, meters)))
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    return this;
  }

  /**
   * On the transport that {@code -Dheadrace.test.transport} names: nio, epoll, io_uring, or auto
   * for the best that there is. The test is skipped where this machine does not have it.
   */
  private static Vertx vertx(int loops) {
    String name = System.getProperty("headrace.test.transport", "auto");
    Transport named = RouterRuntime.transport(name);
    assertThat(named != null || name.equals("auto")).as("headrace.test.transport " + name).isTrue();
    Transport best = Objects.requireNonNullElse(Transport.nativeTransport(), Transport.NIO);
    Transport transport = named == null ? best : named;
    assumeTrue(
        transport.available(), () -> name + " is not here: " + transport.unavailabilityCause());
    return Vertx.builder()
        .with(new VertxOptions().setEventLoopPoolSize(loops))
        .withTransport(transport)
        .build();
  }

  /** The worker leaves the fleet, or comes back, as an update of the fleet would have it. */
  public synchronized void member(String id, boolean member) {
    FleetSnapshot before = fleet;
    Worker worker = workers.get(id);
    Map<String, Worker> byKey = new HashMap<>(before.workers());
    Map<String, Pool> pools = new HashMap<>();
    before
        .pools()
        .forEach(
            (model, pool) -> {
              List<Worker> members = new ArrayList<>(pool.workers());
              members.remove(worker);
              if (member) {
                members.add(worker);
              }
              pools.put(model, new Pool(model, members));
            });
    byKey.remove(worker.spec().key());
    if (member) {
      byKey.put(worker.spec().key(), worker);
    }
    fleet =
        new FleetSnapshot(before.version() + 1, byKey, pools, before.aliases(), before.settings());
  }

  /** Other settings of requests that wait hold from now on. */
  public synchronized void admission(HeadraceConfig.Admission now) {
    FleetSnapshot before = fleet;
    Map<String, ModelSettings> settings = new HashMap<>();
    before
        .settings()
        .forEach(
            (model, own) ->
                settings.put(
                    model,
                    new ModelSettings(
                        own.aliases(),
                        own.firstTokenTimeout(),
                        own.idleTimeout(),
                        own.totalTimeout(),
                        own.policy(),
                        own.weights(),
                        now)));
    fleet =
        new FleetSnapshot(
            before.version() + 1, before.workers(), before.pools(), before.aliases(), settings);
  }

  private FleetSnapshot fleet() {
    ModelMeans means = new ModelMeans();
    Map<String, List<Worker>> byModel = new LinkedHashMap<>();
    for (Entry entry : entries) {
      Worker worker =
          new Worker(
              new WorkerSpec(
                  "static",
                  entry.id,
                  new WorkerAddress(false, "127.0.0.1", entry.port, ""),
                  entry.engine,
                  List.of(new ServedModel(entry.model, null, 4096)),
                  null,
                  entry.weight,
                  false,
                  false,
                  entry.apiKey == null ? null : Secret.of(entry.apiKey),
                  Map.of()),
              faults.around(Engine.class, Engines.byId(entry.engine)),
              "w-" + entry.id,
              new WorkerLedger(entry.id, entry.capacity, means, System::nanoTime),
              new Worker.Live(WorkerHealth.READY));
      workers.put(entry.id, worker);
      byModel.computeIfAbsent(entry.model, m -> new ArrayList<>()).add(worker);
    }
    Map<String, Pool> pools = new HashMap<>();
    Map<String, ModelSettings> settings = new HashMap<>();
    byModel.forEach(
        (model, list) -> {
          pools.put(model, new Pool(model, list));
          settings.put(
              model,
              new ModelSettings(
                  List.of(),
                  options.firstToken,
                  options.idle,
                  options.total,
                  options.policy,
                  Map.of(),
                  admission()));
        });
    Map<String, Worker> byKey = new HashMap<>();
    workers.values().forEach(worker -> byKey.put(worker.spec().key(), worker));
    return new FleetSnapshot(1, byKey, pools, aliases, settings);
  }

  private HeadraceConfig.Admission admission() {
    return new HeadraceConfig.Admission(options.maxQueue, options.maxWait, options.order);
  }

  private HeadraceConfig config() {
    Duration connect = Duration.ofSeconds(5);
    return new HeadraceConfig(
        new InetSocketAddress("127.0.0.1", 0),
        new HeadraceConfig.Admin(new InetSocketAddress("127.0.0.1", 0), null),
        new HeadraceConfig.Auth(options.keysFile),
        new HeadraceConfig.Fleet(List.of(), null, null, null),
        Map.of(),
        new HeadraceConfig.Defaults(
            connect,
            options.firstToken,
            options.idle,
            options.total,
            options.comment,
            options.policy),
        new HeadraceConfig.Limits(
            options.maxBody,
            options.maxBuffered,
            16 * 1024,
            options.maxConnections,
            options.maxInFlight,
            options.header,
            options.body,
            options.clientIdle),
        admission(),
        options.rateLimits,
        new HeadraceConfig.Retry(options.attempts, options.retryBudget, options.retriesPerSecond),
        new HeadraceConfig.Health(Duration.ofSeconds(5), Duration.ofSeconds(1), 3, 1),
        new HeadraceConfig.Shutdown(options.grace),
        new HeadraceConfig.Threads(options.loops, "auto"),
        new HeadraceConfig.Logs(null, options.decisions),
        false,
        null);
  }

  /** A port of this machine on which nobody listens. */
  public static int nobody() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  public RawClient client() throws IOException {
    return new RawClient(server.port());
  }

  /** One request on a connection of its own. */
  public RawClient.Answer post(String path, String body, String... headers) throws IOException {
    try (RawClient client = client()) {
      return client.post(path, body, headers).read();
    }
  }

  public RawClient.Answer get(String path, String... headers) throws IOException {
    try (RawClient client = client()) {
      return client.get(path, headers).read();
    }
  }

  /** The only access record so far; waits for it. */
  public AccessRecord record() {
    await().atMost(20, TimeUnit.SECONDS).until(() -> !log.isEmpty());
    assertThat(log).hasSize(1);
    return log.get(0);
  }

  /** Waits until nothing is held any more. */
  public void assertNothingHeld() {
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              assertThat(server.inFlight()).isZero();
              assertThat(gauge("headrace.buffered.body.bytes")).isZero();
              assertThat(gauge("headrace.active.streams")).isZero();
              for (Worker worker : workers.values()) {
                assertThat(worker.ledger().inFlight()).isZero();
              }
            });
  }

  public double count(String name, String... tags) {
    return registry.find(name).tags(tags).counters().stream().mapToDouble(Counter::count).sum();
  }

  public double gauge(String name) {
    return registry.find(name).gauges().stream().mapToDouble(Gauge::value).sum();
  }

  public long timed(String name, String... tags) {
    return registry.find(name).tags(tags).timers().stream().mapToLong(Timer::count).sum();
  }

  @Override
  public void close() {
    if (vertx != null) {
      vertx
          .close()
          .toCompletionStage()
          .toCompletableFuture()
          .orTimeout(20, TimeUnit.SECONDS)
          .join();
    }
  }

  private final class Signals implements WorkerSignals {
    @Override
    public void connectFailed(Worker worker, String reason) {
      signals.add("connect-failed " + worker.spec().id());
    }

    @Override
    public void failed(Worker worker, FailureKind kind, String reason) {
      signals.add("failed " + worker.spec().id() + " " + kind);
    }

    @Override
    public void succeeded(Worker worker) {
      signals.add("succeeded " + worker.spec().id());
    }
  }
}

package dev.headrace.router.http;

import dev.headrace.router.admission.QueueState;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.dispatch.BalanceDispatch;
import dev.headrace.router.dispatch.DecisionLog;
import dev.headrace.router.dispatch.Dispatch;
import dev.headrace.router.dispatch.Explainer;
import dev.headrace.router.dispatch.QueueingDispatch;
import dev.headrace.router.dispatch.RetryBudgets;
import dev.headrace.router.exchange.Bounds;
import dev.headrace.router.exchange.ExchangeLoop;
import dev.headrace.router.exchange.WorkerSignals;
import dev.headrace.router.fleet.FleetView;
import dev.headrace.router.fleet.RecentNames;
import dev.headrace.router.limit.LimitState;
import dev.headrace.router.limit.RateLimits;
import dev.headrace.router.observe.AccessLog;
import dev.headrace.router.observe.RouterMeters;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The data port: one {@link DataVerticle} on each event loop, sharing one address. Any thread.
 *
 * <p>Stopping has two steps. {@link #drain}: readiness says no and each answer is the last on its
 * connection, while everything is still served. {@link #shutdown}: new requests get 503, live ones
 * may finish for the configured grace, what is left then gets an error, and the sockets close.
 */
public final class DataServer {
  private static final long POLL_MILLIS = 50;
  private static final long TIDY_MILLIS = 60_000;

  private final Vertx vertx;
  private final ExchangeLoop.Shared shared;
  private final @Nullable KeysFile keys;
  private final AccessCheck access;
  private final Pages pages;
  private final List<DataVerticle> verticles = new CopyOnWriteArrayList<>();
  private final RecentNames keyNames = new RecentNames();
  private final List<String> deployments = new CopyOnWriteArrayList<>();
  private volatile ServingMode mode = ServingMode.SERVING;
  private volatile int port;
  private long tidying = -1;

  private DataServer(Vertx vertx, ExchangeLoop.Shared shared, String version) {
    this.vertx = vertx;
    this.shared = shared;
    HeadraceConfig.Auth auth = shared.config().auth();
    KeysFile file = auth.keysFile() == null ? null : new KeysFile(vertx, auth.keysFile());
    this.keys = file;
    this.access = new AccessCheck(file == null ? null : file::current);
    this.pages =
        new Pages(
            shared.fleet(),
            new ModelList(InstantSource.system().instant().getEpochSecond()),
            access,
            this::mode,
            shared.meters(),
            version);
  }

  /** Starts with the usual dispatch. */
  public static Future<DataServer> start(
      Vertx vertx,
      HeadraceConfig config,
      FleetView fleet,
      RouterMeters meters,
      WorkerSignals signals,
      AccessLog accessLog,
      String version) {
    Dispatch usual = dispatch(config, fleet, meters);
    return start(vertx, config, fleet, meters, signals, accessLog, version, usual);
  }

  /** The usual dispatch: a worker by the model's policy, or a wait until one has room. */
  public static Dispatch dispatch(HeadraceConfig config, FleetView fleet, RouterMeters meters) {
    DecisionLog decisions = new DecisionLog(config.logs().decisions(), InstantSource.system());
    BalanceDispatch balance =
        new BalanceDispatch(
            fleet,
            new LoopRandom(),
            decisions,
            (endpoint, model, expected, actual) ->
                meters.of(endpoint, model).promptEstimate(expected / actual));
    return new QueueingDispatch(
        balance, balance::expect, fleet, config.admission(), meters.queues(), System::nanoTime);
  }

  /**
   * Starts to listen.
   *
   * @param version what {@code /version} tells
   * @return fails when the address cannot be bound, or the keys file cannot be read
   */
  public static Future<DataServer> start(
      Vertx vertx,
      HeadraceConfig config,
      FleetView fleet,
      RouterMeters meters,
      WorkerSignals signals,
      AccessLog accessLog,
      String version,
      Dispatch dispatch) {
    Bounds bounds = new Bounds(config.limits(), Runtime.getRuntime().maxMemory());
    RetryBudgets budgets = new RetryBudgets(config.retry(), System::nanoTime);
    fleet.onTidy(names -> budgets.keepOnly(names.models()));
    DataServer server =
        new DataServer(
            vertx,
            new ExchangeLoop.Shared(
                config,
                fleet,
                dispatch,
                signals,
                meters,
                accessLog,
                bounds,
                new RateLimits(System::nanoTime, meters.limits()::watch),
                budgets),
            version);
    meters.watchProcess(bounds::inFlight, bounds::connections, bounds::bodyBytes);
    return server
        .listen()
        .map(server)
        .recover(cause -> server.close().transform(x -> Future.failedFuture(cause)));
  }

  private Future<Void> listen() {
    KeysFile file = keys;
    Future<Void> ready = file == null ? Future.succeededFuture() : file.start();
    HeadraceConfig config = shared.config();
    int told = config.threads().eventLoops();
    int loops = told > 0 ? told : Runtime.getRuntime().availableProcessors();
    if (file != null) {
      tidying = vertx.setPeriodic(TIDY_MILLIS, id -> tidyKeys(file));
    }
    return ready
        .onSuccess(done -> limit(config.rateLimits()))
        .compose(
            done ->
                vertx.deployVerticle(
                    () -> new DataVerticle(this, config.listen()),
                    new DeploymentOptions().setInstances(loops)))
        .map(
            id -> {
              deployments.add(id);
              port = verticles.get(0).port();
              return null;
            });
  }

  /** Accounts of keys that have left the file are closed after a while. */
  private void tidyKeys(KeysFile file) {
    long now = System.nanoTime();
    keyNames.follow(file.current().names(), now);
    shared.limits().keepOnly(keyNames.known(now), shared.meters().limits()::forget);
  }

  synchronized void started(DataVerticle verticle) {
    shared.meters().watchLoop(verticles.size(), verticle::connections);
    verticles.add(verticle);
  }

  /** The port that is listened on. */
  public int port() {
    return port;
  }

  /** Who can explain its choices; null when the dispatch cannot. */
  public @Nullable Explainer explainer() {
    return shared.dispatch().explainer();
  }

  /** Exchanges that are not over. */
  public int inFlight() {
    return shared.bounds().inFlight();
  }

  /** Requests that wait for a place, by model. */
  public List<QueueState> queues() {
    return shared.dispatch().queues();
  }

  /** What holders of keys may use from now on. */
  public void limit(HeadraceConfig.RateLimits settings) {
    shared.limits().apply(settings);
    KeysFile file = keys;
    if (file != null) {
      file.expect(shared.limits().named(), "rate-limits.keys");
    }
  }

  /** What holders of keys may use, and have used. */
  public List<LimitState> limits() {
    return shared.limits().states();
  }

  ServingMode mode() {
    return mode;
  }

  AccessCheck access() {
    return access;
  }

  Pages pages() {
    return pages;
  }

  ExchangeLoop.Shared shared() {
    return shared;
  }

  /** Asks the world to go elsewhere, and serves on. */
  public void drain() {
    if (mode == ServingMode.SERVING) {
      mode = ServingMode.DRAINING;
    }
  }

  /** Ends service; succeeds when everything is closed. */
  public Future<Void> shutdown() {
    mode = ServingMode.REFUSING;
    shared.dispatch().stop();
    verticles.forEach(DataVerticle::closeIdle);
    return idleWithin(shared.config().shutdown().grace().toMillis())
        .compose(
            idle -> {
              verticles.forEach(DataVerticle::cutAll);
              return idle ? Future.succeededFuture(true) : idleWithin(1_000);
            })
        .compose(idle -> close());
  }

  /** True when all exchanges are over within the time. */
  private Future<Boolean> idleWithin(long millis) {
    Promise<Boolean> promise = Promise.promise();
    long deadline = System.nanoTime() + millis * 1_000_000;
    poll(promise, deadline);
    return promise.future();
  }

  private void poll(Promise<Boolean> promise, long deadline) {
    if (inFlight() == 0) {
      promise.complete(true);
    } else if (System.nanoTime() - deadline >= 0) {
      promise.complete(false);
    } else {
      vertx.setTimer(POLL_MILLIS, id -> poll(promise, deadline));
    }
  }

  private Future<Void> close() {
    KeysFile file = keys;
    if (file != null) {
      vertx.cancelTimer(tidying);
      file.stop();
    }
    return Future.join(deployments.stream().map(vertx::undeploy).toList()).mapEmpty();
  }

  /** The random source of whichever loop asks. */
  private static final class LoopRandom implements RandomGenerator {
    @Override
    public long nextLong() {
      return ThreadLocalRandom.current().nextLong();
    }
  }
}

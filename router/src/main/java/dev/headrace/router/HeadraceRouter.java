package dev.headrace.router;

import dev.headrace.router.admin.AdminServer;
import dev.headrace.router.admin.DecisionOperations;
import dev.headrace.router.admin.ExplainOperations;
import dev.headrace.router.admin.LimitOperations;
import dev.headrace.router.admin.Operation;
import dev.headrace.router.admin.QueueOperations;
import dev.headrace.router.admission.QueueState;
import dev.headrace.router.config.ConfigResult;
import dev.headrace.router.config.ConfigWatcher;
import dev.headrace.router.config.EffectiveSetting;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.dispatch.Explainer;
import dev.headrace.router.fleet.FleetView;
import dev.headrace.router.http.DataServer;
import dev.headrace.router.limit.LimitState;
import dev.headrace.router.observe.AccessLog;
import dev.headrace.router.observe.FleetMeters;
import dev.headrace.router.observe.JsonLinesAccessLog;
import dev.headrace.router.observe.OutlierMeters;
import dev.headrace.router.observe.RouterMeters;
import dev.headrace.worker.engine.Engines;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A whole router: the one place where its parts are put together. The fleet, the admin port and the
 * watch over the configuration file share one event loop; the data port has its own.
 */
public final class HeadraceRouter {
  private static final Logger LOG = Logger.getLogger(HeadraceRouter.class.getName());
  private static final Duration FILE_INTERVAL = Duration.ofSeconds(1);

  private final RouterRuntime runtime;
  private final Context context;
  private final HeadraceConfig config;
  private final FleetAssembly fleet;
  private volatile List<EffectiveSetting> settings;
  private volatile @Nullable String notReady = "starting";
  private AccessLog accessLog = AccessLog.NONE;
  private @Nullable DataServer data;
  private @Nullable AdminServer admin;
  private @Nullable ConfigWatcher watcher;
  private int adminPort;

  private HeadraceRouter(RouterRuntime runtime, Context context, ConfigResult.Ok read) {
    this.runtime = runtime;
    this.context = context;
    this.config = read.config();
    this.settings = read.settings();
    this.fleet = new FleetAssembly(runtime.vertx(), context, config);
  }

  /**
   * Starts a router.
   *
   * @param reload reads the configuration anew when its file has changed; null: the file is not
   *     watched
   * @return succeeds when it takes requests; fails when an address cannot be bound or a file that
   *     it needs cannot be read, and has closed all again by then
   */
  public static Future<HeadraceRouter> start(
      RouterRuntime runtime, ConfigResult.Ok read, @Nullable Supplier<ConfigResult> reload) {
    Context context = runtime.vertx().getOrCreateContext();
    Promise<HeadraceRouter> started = Promise.promise();
    context.runOnContext(
        on -> {
          HeadraceRouter router = new HeadraceRouter(runtime, context, read);
          router
              .open(reload)
              .map(router)
              .recover(cause -> router.stop().transform(closed -> Future.failedFuture(cause)))
              .onComplete(started);
        });
    return started.future();
  }

  private Future<Void> open(@Nullable Supplier<ConfigResult> reload) {
    Vertx vertx = runtime.vertx();
    RouterMeters meters = new RouterMeters(runtime.registry());
    fleet.directory().onTidy(names -> meters.keepOnly(names.models()));
    new FleetMeters(runtime.registry(), fleet.directory(), fleet.health(), System::nanoTime);
    new OutlierMeters(runtime.registry(), fleet.outliers(), fleet.directory());
    return openAccessLog()
        .compose(opened -> fleet.start())
        .compose(
            known ->
                DataServer.start(
                    vertx, config, fleet.directory(), meters, fleet, accessLog, version()))
        .compose(
            listening -> {
              data = listening;
              AdminServer server = new AdminServer(adminParts(listening.explainer()));
              admin = server;
              return server.start();
            })
        .compose(
            port -> {
              adminPort = port;
              notReady = null;
              return watch(reload);
            });
  }

  private Future<Void> openAccessLog() {
    Path file = config.logs().accessFile();
    if (file == null) {
      return Future.succeededFuture();
    }
    return runtime
        .vertx()
        .executeBlocking(() -> JsonLinesAccessLog.open(file, InstantSource.system()), false)
        .map(
            opened -> {
              accessLog = opened;
              return null;
            });
  }

  private Future<Void> closeAccessLog() {
    return accessLog instanceof JsonLinesAccessLog open
        ? runtime
            .vertx()
            .executeBlocking(
                () -> {
                  open.close();
                  return null;
                },
                false)
        : Future.succeededFuture();
  }

  private AdminServer.Parts adminParts(@Nullable Explainer explainer) {
    return new AdminServer.Parts(
        runtime.vertx(),
        config.admin(),
        fleet.directory(),
        fleet.embedded(),
        Engines::byId,
        runtime.registry(),
        this::notReady,
        () -> new JsonObject().put("version", version()),
        this::settingsJson,
        operations(explainer),
        System::nanoTime);
  }

  private List<Operation> operations(@Nullable Explainer explainer) {
    List<Operation> all = new ArrayList<>();
    all.add(QueueOperations.list(this::queues));
    all.add(LimitOperations.list(this::limits));
    if (explainer != null) {
      all.addAll(new ExplainOperations(fleet.directory(), explainer).all());
      all.addAll(new DecisionOperations(explainer.decisions()).all());
    }
    return all;
  }

  private List<QueueState> queues() {
    DataServer server = data;
    return server == null ? List.of() : server.queues();
  }

  private List<LimitState> limits() {
    DataServer server = data;
    return server == null ? List.of() : server.limits();
  }

  private Future<Void> watch(@Nullable Supplier<ConfigResult> reload) {
    Path file = config.source();
    if (reload == null || file == null) {
      return Future.succeededFuture();
    }
    ConfigWatcher made = new ConfigWatcher(runtime.vertx(), file, FILE_INTERVAL, reload);
    watcher = made;
    return made.start(result -> reloaded(file, result));
  }

  private void reloaded(Path file, ConfigResult result) {
    if (result instanceof ConfigResult.Ok ok) {
      settings = ok.settings();
      fleet.reload(ok.config());
      DataServer server = data;
      if (server != null) {
        server.limit(ok.config().rateLimits());
      }
      LOG.info(
          file
              + " has changed: workers, models, admission and rate limits are taken from it; other"
              + " settings need a restart");
    } else if (result instanceof ConfigResult.Refused refused) {
      LOG.warning(file + " has changed, but is wrong, so nothing changes: " + refused.problems());
    }
  }

  private JsonObject settingsJson() {
    JsonArray all = new JsonArray();
    for (EffectiveSetting setting : settings) {
      all.add(
          new JsonObject()
              .put("path", setting.path())
              .put("value", setting.value())
              .put("origin", setting.origin().toString()));
    }
    return new JsonObject().put("settings", all);
  }

  /** What runs, as packaged. */
  public static String version() {
    String packaged = HeadraceRouter.class.getPackage().getImplementationVersion();
    return packaged == null ? "unpackaged" : packaged;
  }

  /** Why it takes no requests, or null when it does. Any thread. */
  public @Nullable String notReady() {
    String own = notReady;
    return own == null ? fleet.directory().notReady() : own;
  }

  /** The fleet as it is known now. */
  public FleetView fleet() {
    return fleet.directory();
  }

  /** The data port. */
  public int dataPort() {
    DataServer server = data;
    return server == null ? 0 : server.port();
  }

  /** The admin port. */
  public int adminPort() {
    return adminPort;
  }

  /** Drains and closes: no new request, live streams finish within the configured grace. */
  public Future<Void> stop() {
    Promise<Void> stopped = Promise.promise();
    context.runOnContext(on -> close().onComplete(stopped));
    return stopped.future();
  }

  private Future<Void> close() {
    notReady = "shutting down";
    if (watcher != null) {
      watcher.stop();
    }
    DataServer server = data;
    AdminServer side = admin;
    if (server != null) {
      server.drain();
    }
    return (server == null ? Future.<Void>succeededFuture() : server.shutdown())
        .transform(closed -> side == null ? Future.succeededFuture() : side.stop())
        .transform(closed -> fleet.stop())
        .transform(closed -> closeAccessLog());
  }
}

package dev.headrace.router;

import dev.headrace.router.balance.EngineGauges;
import dev.headrace.router.balance.Outliers;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.exchange.WorkerSignals;
import dev.headrace.router.fleet.EmbeddedRegistry;
import dev.headrace.router.fleet.FleetDirectory;
import dev.headrace.router.fleet.FleetSource;
import dev.headrace.router.fleet.FleetStateFile;
import dev.headrace.router.fleet.FleetTimings;
import dev.headrace.router.fleet.HealthMonitor;
import dev.headrace.router.fleet.LoadPoller;
import dev.headrace.router.fleet.ProbeInquiry;
import dev.headrace.router.fleet.StaticFleetSource;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.fleet.consul.ConsulFleetSource;
import dev.headrace.router.fleet.consul.ConsulModelSettings;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.engine.Engines;
import dev.headrace.worker.probe.EngineProbe;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Puts the fleet together: the sources that the configuration names, the directory over them, and
 * those that watch the workers' health and load. All of it lives on one event loop of its own, so
 * that a slow worker's answers never wait behind tokens, nor tokens behind them.
 */
final class FleetAssembly implements WorkerSignals {
  private static final Duration LOAD_INTERVAL = Duration.ofNanos(EngineGauges.INTERVAL_NANOS);

  /** How late a pool notices that fewer of its workers are routable, or more. */
  private static final long RECHECK_MILLIS = 250;

  private final EngineProbe probe;
  private final StaticFleetSource staticSource;
  private final @Nullable EmbeddedRegistry embedded;
  private final @Nullable ConsulModelSettings consulSettings;
  private final FleetDirectory directory;
  private final HealthMonitor health;
  private final LoadPoller load;
  private final Outliers outliers;
  private final Vertx vertx;
  private long rechecks = -1;

  FleetAssembly(Vertx vertx, Context context, HeadraceConfig config) {
    RandomGenerator random = RandomGenerator.getDefault();
    this.vertx = vertx;
    this.outliers =
        new Outliers(config.health().outliers(), System::nanoTime, InstantSource.system(), random);
    outliers.listen(new OutlierLog());
    HeadraceConfig.Fleet fleet = config.fleet();
    this.probe = new EngineProbe(vertx, config.health().timeout());
    ProbeInquiry inquiry = new ProbeInquiry(probe);

    List<FleetSource> sources = new ArrayList<>();
    this.staticSource = new StaticFleetSource(fleet.staticWorkers());
    sources.add(staticSource);
    HeadraceConfig.Embedded embeddedConfig = fleet.embedded();
    this.embedded =
        embeddedConfig == null
            ? null
            : new EmbeddedRegistry(embeddedConfig.ttl(), System::nanoTime);
    if (embedded != null) {
      sources.add(embedded);
    }
    HeadraceConfig.Consul consul = fleet.consul();
    if (consul != null) {
      sources.add(new ConsulFleetSource(vertx, consul));
    }
    Path stateFile = fleet.stateFile();
    this.directory =
        new FleetDirectory(
            new FleetDirectory.Parts(
                vertx,
                context,
                sources,
                inquiry,
                Engines::byId,
                stateFile == null ? null : new FleetStateFile(stateFile),
                FleetTimings.DEFAULT,
                System::nanoTime,
                InstantSource.system(),
                random,
                outliers),
            config.defaults(),
            config.admission(),
            config.models());
    this.consulSettings = consul == null ? null : new ConsulModelSettings(vertx, consul, directory);
    this.health = new HealthMonitor(vertx, context, directory, inquiry, config.health(), random);
    this.load = new LoadPoller(vertx, context, directory, inquiry, LOAD_INTERVAL, random);
  }

  /** Succeeds when the fleet is known as far as it can be now, and each worker was checked once. */
  Future<Void> start() {
    ConsulModelSettings settings = consulSettings;
    return directory
        .start()
        .compose(done -> settings == null ? Future.succeededFuture() : settings.start())
        .compose(
            done -> {
              load.start();
              rechecks = vertx.setPeriodic(RECHECK_MILLIS, id -> outliers.recheck());
              return health.start();
            });
  }

  Future<Void> stop() {
    ConsulModelSettings settings = consulSettings;
    vertx.cancelTimer(rechecks);
    return Future.join(
            List.of(
                health.stop(),
                load.stop(),
                settings == null ? Future.succeededFuture() : settings.stop(),
                directory.stop()))
        .compose(done -> probe.close());
  }

  /** Takes the settings and the static workers of a file that was changed. */
  void reload(HeadraceConfig config) {
    staticSource.update(config.fleet().staticWorkers());
    directory.fileSettings(config.defaults(), config.admission(), config.models());
  }

  FleetDirectory directory() {
    return directory;
  }

  Outliers outliers() {
    return outliers;
  }

  HealthMonitor health() {
    return health;
  }

  /** Where workers register themselves, or null when the configuration has no such source. */
  @Nullable EmbeddedRegistry embedded() {
    return embedded;
  }

  @Override
  public void connectFailed(Worker worker, String reason) {
    health.connectFailed(worker, reason);
  }

  @Override
  public void failed(Worker worker, FailureKind kind, String reason) {
    health.report(worker, kind);
  }

  @Override
  public void succeeded(Worker worker) {
    // Health is judged by checks and failures; a success needs no action.
  }
}

package dev.headrace.router.fleet.consul;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.fleet.FleetSource;
import dev.headrace.router.fleet.WorkerSpec;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Workers as a Consul agent lists them: one blocking query for each service, and one for the list
 * of services when some are named by a prefix. A process needs one of these, not one for each event
 * loop.
 *
 * <p>Confined to the context that called {@link #start}; {@link #reachable} and {@link
 * #lastContactNanos} may be read on any thread.
 *
 * <p>Invariant: a list is reported only when Consul told it. Before the first report every service
 * has been answered for, or {@link #FIRST_LIST_PATIENCE} has passed since the first answer; so a
 * slow service does not wipe out what was known of it from before. When Consul is away nothing is
 * reported, and the last list stands.
 */
public final class ConsulFleetSource implements FleetSource {

  /** The first part of the key of its workers. */
  public static final String NAME = "consul";

  private static final Duration FIRST_LIST_PATIENCE = Duration.ofSeconds(2);
  private static final Duration RESTART_GRACE = Duration.ofSeconds(30);

  private final Vertx vertx;
  private final ConsulAddress address;
  private final LongSupplier nanos;
  private final RandomGenerator random;
  private final Duration restartGrace;
  private final Contact contact;
  private final Map<String, ServiceWatch> services = new TreeMap<>();
  private final Set<String> exact = new TreeSet<>();
  private final List<String> prefixes = new ArrayList<>();
  private final Promise<Void> started = Promise.promise();
  private @Nullable WatchScope scope;
  private @Nullable CatalogWatch catalog;
  private @Nullable Consumer<List<WorkerSpec>> onChange;
  private volatile @Nullable List<WorkerSpec> reported;
  private List<WorkerSpec> restored = List.of();
  private boolean patienceOver;
  private long patienceTimer = -1;

  public ConsulFleetSource(Vertx vertx, HeadraceConfig.Consul config) {
    this(vertx, config, System::nanoTime, RandomGenerator.getDefault(), RESTART_GRACE);
  }

  ConsulFleetSource(
      Vertx vertx,
      HeadraceConfig.Consul config,
      LongSupplier nanos,
      RandomGenerator random,
      Duration restartGrace) {
    this.vertx = vertx;
    this.address = new ConsulAddress(config);
    this.nanos = nanos;
    this.random = random;
    this.restartGrace = restartGrace;
    this.contact = new Contact(address.toString(), "the last known workers stay", nanos);
    for (String service : config.services()) {
      if (service.endsWith("*")) {
        prefixes.add(service.substring(0, service.length() - 1));
      } else {
        exact.add(service);
      }
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  /**
   * {@inheritDoc}
   *
   * <p>A Consul that was away when this process started may come back empty. Then the workers of
   * the process before stay for a while, until their agents have registered again.
   */
  @Override
  public void restore(List<WorkerSpec> lastKnown) {
    restored = List.copyOf(lastKnown);
  }

  @Override
  public @Nullable Long confirmedAtNanos() {
    return reported == null ? null : contact.lastNanos();
  }

  @Override
  public Future<Void> start(Consumer<List<WorkerSpec>> onChange) {
    Context context = vertx.getOrCreateContext();
    context.runOnContext(v -> begin(context, onChange));
    return started.future();
  }

  @Override
  public Future<Void> stop() {
    WatchScope running = scope;
    if (running == null) {
      return Future.succeededFuture();
    }
    Promise<Void> stopped = Promise.promise();
    running
        .context()
        .runOnContext(
            v -> {
              end();
              stopped.complete();
            });
    return stopped.future();
  }

  /** False while Consul does not answer, and the list is only the last known one. Any thread. */
  public boolean reachable() {
    return contact.reachable();
  }

  /**
   * When Consul answered last, on the {@code System.nanoTime} scale; before the first answer, when
   * this source was made. A quiet Consul answers once in the configured longest wait. Any thread.
   */
  public long lastContactNanos() {
    return contact.lastNanos();
  }

  private void begin(Context context, Consumer<List<WorkerSpec>> consumer) {
    onChange = consumer;
    WatchScope shared =
        new WatchScope(address, context, contact, nanos, random, restartGrace.toNanos());
    scope = shared;
    exact.forEach(service -> watch(service, shared));
    if (!prefixes.isEmpty()) {
      CatalogWatch watch =
          new CatalogWatch(prefixes, shared, names -> named(names, shared), this::settled);
      catalog = watch;
      watch.start();
    }
    settled();
  }

  private void end() {
    services.values().forEach(ServiceWatch::stop);
    services.clear();
    if (catalog != null) {
      catalog.stop();
      catalog = null;
    }
    vertx.cancelTimer(patienceTimer);
    onChange = null;
    started.tryComplete();
  }

  private void named(Set<String> names, WatchScope shared) {
    services
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !exact.contains(entry.getKey()) && !names.contains(entry.getKey());
              if (gone) {
                entry.getValue().stop();
              }
              return gone;
            });
    names.stream().filter(name -> !services.containsKey(name)).forEach(name -> watch(name, shared));
    settled();
  }

  private void watch(String service, WatchScope shared) {
    List<Instance> before =
        restored.stream()
            .filter(worker -> service.equals(worker.meta().get("service")))
            .map(Instance::of)
            .toList();
    ServiceWatch watch = new ServiceWatch(service, NAME, shared, before, this::settled);
    services.put(service, watch);
    watch.start();
  }

  /** Something was answered, failed or ended: reports when that makes a difference. */
  private void settled() {
    Consumer<List<WorkerSpec>> consumer = onChange;
    if (consumer == null) {
      return;
    }
    boolean all = services.values().stream().allMatch(ServiceWatch::answered);
    boolean any = services.values().stream().anyMatch(ServiceWatch::answered);
    if (catalog != null) {
      all &= catalog.answered();
      any |= catalog.answered();
    }
    if (reported != null || all || (any && patienceOver)) {
      report(consumer);
    } else if (any && patienceTimer < 0) {
      patienceTimer =
          vertx.setTimer(
              FIRST_LIST_PATIENCE.toMillis(),
              id -> {
                patienceOver = true;
                settled();
              });
    }
    boolean known =
        services.values().stream().allMatch(ServiceWatch::settled)
            && (catalog == null || catalog.settled());
    if (reported != null || (known && !any)) {
      started.tryComplete();
    }
  }

  private void report(Consumer<List<WorkerSpec>> consumer) {
    List<Instance> instances = new ArrayList<>();
    services.values().forEach(watch -> instances.addAll(watch.instances()));
    List<WorkerSpec> now = Instance.workers(instances);
    if (!now.equals(reported)) {
      reported = now;
      consumer.accept(now);
    }
  }
}

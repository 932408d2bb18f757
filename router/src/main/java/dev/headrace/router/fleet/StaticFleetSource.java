package dev.headrace.router.fleet;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The workers that the configuration file names. Whoever watches the file calls {@link #update}
 * with each new list; a list with a mistake changes nothing.
 */
public final class StaticFleetSource implements FleetSource {
  public static final String NAME = "static";

  private volatile List<WorkerSpec> specs;
  private @Nullable LoopGate gate;
  private @Nullable Consumer<List<WorkerSpec>> listener;

  /**
   * @throws IllegalArgumentException when a worker's URL cannot be read or an id stands twice
   */
  public StaticFleetSource(List<HeadraceConfig.StaticWorker> workers) {
    specs = read(workers);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean watchesHealth() {
    return false;
  }

  @Override
  public synchronized Future<Void> start(Consumer<List<WorkerSpec>> onChange) {
    Context context = Vertx.currentContext();
    if (context == null) {
      throw new IllegalStateException("a fleet source starts on an event loop");
    }
    gate = new LoopGate(context.owner(), context);
    listener = onChange;
    onChange.accept(specs);
    return Future.succeededFuture();
  }

  /**
   * Takes a new list in place of the old one. Any thread.
   *
   * @throws IllegalArgumentException when a worker's URL cannot be read or an id stands twice; the
   *     old list stands
   */
  public synchronized void update(List<HeadraceConfig.StaticWorker> workers) {
    List<WorkerSpec> next = read(workers);
    specs = next;
    Consumer<List<WorkerSpec>> told = listener;
    if (gate != null && told != null) {
      gate.run(() -> told.accept(next));
    }
  }

  @Override
  public synchronized Future<Void> stop() {
    listener = null;
    return Future.succeededFuture();
  }

  /** A file is right until it changes. */
  @Override
  public Long confirmedAtNanos() {
    return System.nanoTime();
  }

  private static List<WorkerSpec> read(List<HeadraceConfig.StaticWorker> workers) {
    Set<String> ids = new HashSet<>();
    for (HeadraceConfig.StaticWorker worker : workers) {
      if (!ids.add(worker.id())) {
        throw new IllegalArgumentException("two static workers have the id '" + worker.id() + "'");
      }
    }
    return workers.stream().map(StaticFleetSource::spec).toList();
  }

  private static WorkerSpec spec(HeadraceConfig.StaticWorker worker) {
    List<String> models = worker.models();
    return new WorkerSpec(
        NAME,
        worker.id(),
        WorkerAddress.parse(worker.url()),
        worker.engine(),
        models == null ? null : models.stream().map(ServedModel::of).toList(),
        worker.maxConcurrency(),
        worker.weight(),
        false,
        false,
        worker.apiKey(),
        Map.of());
  }
}

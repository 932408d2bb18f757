package dev.headrace.router.observe;

import dev.headrace.router.balance.Outlier;
import dev.headrace.router.balance.OutlierListener;
import dev.headrace.router.balance.OutlierPool;
import dev.headrace.router.balance.Outliers;
import dev.headrace.router.fleet.FleetDirectory;
import dev.headrace.router.fleet.FleetSnapshot;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Meters of workers that are ejected because of what requests told. Labels are models and workers
 * of the fleet; gauges go when the fleet no longer has them. Gauges are read on the scraping
 * thread, sets of gauges change on the directory's loop, counters on any thread.
 */
public final class OutlierMeters implements OutlierListener {
  private final MeterRegistry registry;
  private final Outliers outliers;
  private final Map<String, List<Meter>> pools = new HashMap<>();
  private final Map<Outlier, Meter> workers = new HashMap<>();

  public OutlierMeters(MeterRegistry registry, Outliers outliers, FleetDirectory fleet) {
    this.registry = registry;
    this.outliers = outliers;
    outliers.listen(this);
    fleet.onChange(this::follow);
  }

  private void follow(FleetSnapshot snapshot) {
    pools
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !snapshot.pools().containsKey(entry.getKey());
              if (gone) {
                entry.getValue().forEach(registry::remove);
              }
              return gone;
            });
    Map<Outlier, String> present = new HashMap<>();
    for (Pool pool : snapshot.pools().values()) {
      pools.computeIfAbsent(pool.model(), model -> watch(outliers.of(model)));
      for (Worker worker : pool.workers()) {
        present.put(worker.outlier(), worker.spec().key());
      }
    }
    workers
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !present.containsKey(entry.getKey());
              if (gone) {
                registry.remove(entry.getValue());
              }
              return gone;
            });
    present.forEach((outlier, key) -> workers.computeIfAbsent(outlier, one -> watch(one, key)));
  }

  private List<Meter> watch(OutlierPool pool) {
    List<Meter> meters = new ArrayList<>();
    meters.add(
        Gauge.builder("headrace.ejected.workers", pool, OutlierPool::ejected)
            .description("Routable workers of a pool that are ejected by what requests told")
            .tag("model", pool.model())
            .strongReference(true)
            .register(registry));
    meters.add(
        Gauge.builder("headrace.pool.panic", pool, p -> p.panic() ? 1 : 0)
            .description("1 while too many workers of a pool are ejected, so that all are used")
            .tag("model", pool.model())
            .strongReference(true)
            .register(registry));
    return meters;
  }

  private Meter watch(Outlier outlier, String key) {
    return Gauge.builder("headrace.worker.ejected", outlier, o -> o.view().out() ? 1 : 0)
        .description("1 while the worker is ejected from the model's pool")
        .tags("worker", key, "model", outlier.pool().model())
        .strongReference(true)
        .register(registry);
  }

  @Override
  public void ejected(
      String model, String worker, Reason reason, String why, Duration time, int ejections) {
    Counter.builder("headrace.ejections")
        .description("Workers taken out of a pool by what requests told, by reason")
        .tags("model", model, "reason", reason.label())
        .register(registry)
        .increment();
  }

  @Override
  public void tried(String model, String worker, Trial result) {
    Counter.builder("headrace.ejection.trials")
        .description("Trial requests of ejected workers, by result")
        .tags("model", model, "result", result.label())
        .register(registry)
        .increment();
  }

  @Override
  public void returned(String model, String worker, String why) {
    // A passed trial is counted, and the gauges fall.
  }

  @Override
  public void panic(String model, boolean begins, int ejected, int routable) {
    // The gauge tells.
  }
}

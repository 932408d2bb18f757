package dev.headrace.router.fleet;

import dev.headrace.router.balance.OutlierPool;
import dev.headrace.router.balance.Outliers;
import dev.headrace.worker.ServedModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Puts workers and settings together into a snapshot. Pure. */
final class SnapshotBuilder {
  private SnapshotBuilder() {}

  /**
   * @param workers complete, in the order in which pools list them
   * @param aliases as {@link SettingsBook#aliases} gave them for the models of these workers
   */
  static FleetSnapshot build(
      long version,
      List<Worker> workers,
      Map<String, String> aliases,
      SettingsBook book,
      Outliers outliers) {
    Map<String, Worker> byKey = new HashMap<>();
    Map<String, List<Worker>> byModel = new TreeMap<>();
    for (Worker worker : workers) {
      byKey.put(worker.spec().key(), worker);
      for (ServedModel model : models(worker)) {
        byModel.computeIfAbsent(model.id(), m -> new ArrayList<>()).add(worker);
      }
    }
    Map<String, Pool> pools = new HashMap<>();
    Map<String, ModelSettings> settings = new HashMap<>();
    byModel.forEach(
        (model, members) -> {
          ModelSettings own = book.of(model);
          settings.put(model, own);
          pools.put(model, new Pool(model, pooled(outliers.of(model), members, own.weights())));
        });
    return new FleetSnapshot(version, byKey, pools, aliases, settings);
  }

  /** The names that these workers serve. */
  static Set<String> models(List<Worker> workers) {
    Set<String> names = new HashSet<>();
    for (Worker worker : workers) {
      models(worker).forEach(model -> names.add(model.id()));
    }
    return names;
  }

  /** True when clients and operators could see no difference but the version. */
  static boolean sameFleet(FleetSnapshot a, FleetSnapshot b) {
    return a.workers().equals(b.workers())
        && a.aliases().equals(b.aliases())
        && a.settings().equals(b.settings());
  }

  private static List<Worker> pooled(
      OutlierPool pool, List<Worker> members, Map<String, Double> weights) {
    return members.stream()
        .map(
            worker ->
                worker.inPool(
                    pool.model(),
                    weights.getOrDefault(worker.spec().id(), worker.spec().weight()),
                    pool))
        .toList();
  }

  private static List<ServedModel> models(Worker worker) {
    List<ServedModel> models = worker.spec().models();
    return models == null ? List.of() : models;
  }
}

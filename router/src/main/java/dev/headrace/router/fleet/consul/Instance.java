package dev.headrace.router.fleet.consul;

import dev.headrace.router.fleet.WorkerSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A worker with the Consul node that registered it. Consul keeps instance ids unique on one node
 * only.
 */
record Instance(String node, WorkerSpec worker) {

  /** Unique in the whole catalog. */
  String key() {
    return node + "/" + worker.id();
  }

  /** The instance that this worker was made of. */
  static Instance of(WorkerSpec worker) {
    String node = worker.meta().getOrDefault("node", "");
    String suffix = "@" + node;
    String id = worker.id();
    boolean shared = !node.isEmpty() && id.endsWith(suffix);
    return new Instance(
        node, shared ? renamed(worker, id.substring(0, id.length() - suffix.length())) : worker);
  }

  /**
   * The workers in a fixed order. The instance id is the worker's id; where several nodes use the
   * same one, each of those is called {@code id@node}, so that every router names them alike
   * whatever it saw first.
   */
  static List<WorkerSpec> workers(Collection<Instance> instances) {
    Map<String, Integer> uses = new HashMap<>();
    instances.forEach(instance -> uses.merge(instance.worker().id(), 1, Integer::sum));
    List<WorkerSpec> workers = new ArrayList<>(instances.size());
    for (Instance instance : instances) {
      WorkerSpec worker = instance.worker();
      workers.add(
          uses.getOrDefault(worker.id(), 1) == 1
              ? worker
              : renamed(worker, worker.id() + "@" + instance.node));
    }
    workers.sort(Comparator.comparing(WorkerSpec::id));
    return List.copyOf(workers);
  }

  private static WorkerSpec renamed(WorkerSpec worker, String id) {
    return new WorkerSpec(
        worker.source(),
        id,
        worker.address(),
        worker.engine(),
        worker.models(),
        worker.maxConcurrency(),
        worker.weight(),
        worker.drain(),
        worker.down(),
        worker.apiKey(),
        worker.meta());
  }
}

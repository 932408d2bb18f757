package dev.headrace.router.fleet;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All workers and models at one moment. Immutable; a new one is published as a whole.
 *
 * @param version grows by one with each publication
 * @param workers by {@link WorkerSpec#key()}
 * @param pools by model name
 * @param aliases alias to model name; a name that workers serve is never an alias
 * @param settings by model name, for every pool
 */
public record FleetSnapshot(
    long version,
    Map<String, Worker> workers,
    Map<String, Pool> pools,
    Map<String, String> aliases,
    Map<String, ModelSettings> settings) {

  public static final FleetSnapshot EMPTY =
      new FleetSnapshot(0, Map.of(), Map.of(), Map.of(), Map.of());

  public FleetSnapshot {
    workers = Map.copyOf(workers);
    pools = Map.copyOf(pools);
    aliases = Map.copyOf(aliases);
    settings = Map.copyOf(settings);
  }

  /** Who is in which pool. */
  Map<String, List<Worker>> members() {
    Map<String, List<Worker>> members = new HashMap<>();
    pools.forEach((model, pool) -> members.put(model, pool.workers()));
    return members;
  }

  /**
   * The pool that a client's model name leads to, through an alias or not; null when nobody serves
   * it.
   */
  public @Nullable Pool resolve(String name) {
    Pool direct = pools.get(name);
    if (direct != null) {
      return direct;
    }
    String target = aliases.get(name);
    return target == null ? null : pools.get(target);
  }
}

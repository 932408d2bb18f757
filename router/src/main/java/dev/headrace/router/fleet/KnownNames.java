package dev.headrace.router.fleet;

import java.util.Set;

/**
 * The names that count: what the fleet has, or had within the last minutes. Whoever keeps something
 * by a name of the fleet lets go of what is under any other.
 *
 * @param models by which workers know them
 * @param workers keys, see {@link WorkerSpec#key()}
 */
public record KnownNames(Set<String> models, Set<String> workers) {
  public KnownNames {
    models = Set.copyOf(models);
    workers = Set.copyOf(workers);
  }
}

package dev.headrace.router.fleet;

import dev.headrace.router.config.HeadraceConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What holds for one model now: the file's settings, over them what operators set at run time.
 *
 * @param policy how a worker is chosen: one of {@link dev.headrace.router.balance.Policies#names}
 * @param weights relative capacity by worker id, over the worker's own
 * @param admission how requests wait while all workers are full
 */
public record ModelSettings(
    List<String> aliases,
    Duration firstTokenTimeout,
    Duration idleTimeout,
    Duration totalTimeout,
    String policy,
    Map<String, Double> weights,
    HeadraceConfig.Admission admission) {
  public ModelSettings {
    aliases = List.copyOf(aliases);
    weights = Map.copyOf(weights);
  }
}

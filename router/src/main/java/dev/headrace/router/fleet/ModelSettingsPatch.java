package dev.headrace.router.fleet;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an operator set for one model at run time. Null leaves what the configuration says.
 *
 * @param aliases all aliases of the model, in place of the configured ones
 * @param weights relative capacity by worker id, over the configured ones
 * @param firstTokenTimeout from the choice of a worker to its first content
 * @param idleTimeout silence between tokens
 * @param totalTimeout the whole exchange
 */
public record ModelSettingsPatch(
    @Nullable List<String> aliases,
    @Nullable Map<String, Double> weights,
    @Nullable Duration firstTokenTimeout,
    @Nullable Duration idleTimeout,
    @Nullable Duration totalTimeout) {

  public ModelSettingsPatch {
    aliases = aliases == null ? null : List.copyOf(aliases);
    weights = weights == null ? null : Map.copyOf(weights);
  }
}

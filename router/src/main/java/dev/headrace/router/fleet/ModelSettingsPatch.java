package dev.headrace.router.fleet;

import dev.headrace.router.config.AdmissionOverrides;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an operator set for one model at run time. Null leaves the setting as the file has it.
 *
 * @param aliases replaces the file's aliases
 * @param policy one of {@link dev.headrace.router.balance.Policies#names}
 * @param weights relative capacity by worker id; each entry replaces the file's entry for that
 *     worker
 * @param admission how requests wait, over the file's
 */
public record ModelSettingsPatch(
    @Nullable List<String> aliases,
    @Nullable Duration firstTokenTimeout,
    @Nullable Duration idleTimeout,
    @Nullable Duration totalTimeout,
    @Nullable String policy,
    Map<String, Double> weights,
    AdmissionOverrides admission) {
  public ModelSettingsPatch {
    aliases = aliases == null ? null : List.copyOf(aliases);
    weights = Map.copyOf(weights);
  }
}

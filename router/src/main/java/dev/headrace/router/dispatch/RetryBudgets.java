package dev.headrace.router.dispatch;

import dev.headrace.router.config.HeadraceConfig;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * A retry budget for each model, shared by all loops, so that the outage of one model's workers
 * takes no retry from another. Any thread.
 */
public final class RetryBudgets {
  private final HeadraceConfig.Retry settings;
  private final LongSupplier clock;
  private final Map<String, RetryBudget> byModel = new ConcurrentHashMap<>();

  /** {@code clock} gives monotonic nanoseconds. */
  public RetryBudgets(HeadraceConfig.Retry settings, LongSupplier clock) {
    this.settings = settings;
    this.clock = clock;
  }

  public RetryBudget of(String model) {
    RetryBudget known = byModel.get(model);
    return known != null
        ? known
        : byModel.computeIfAbsent(
            model, name -> new RetryBudget(settings.budget(), settings.minPerSecond(), clock));
  }

  /** Forgets the budgets of all other models. */
  public void keepOnly(Set<String> models) {
    byModel.keySet().retainAll(models);
  }
}

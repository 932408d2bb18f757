package dev.headrace.router.balance;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The mean speed of a fleet's workers at each model. Any thread; bounded by the models that the
 * fleet serves.
 */
public final class ModelMeans {
  private final Map<String, ModelMean> byModel = new ConcurrentHashMap<>();

  ModelMean of(String model) {
    return byModel.computeIfAbsent(model, name -> new ModelMean());
  }
}

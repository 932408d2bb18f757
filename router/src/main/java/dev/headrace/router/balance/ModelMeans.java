package dev.headrace.router.balance;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The mean speed of a fleet's workers at each model. Any thread; bounded by {@link #keepOnly}. */
public final class ModelMeans {
  private final Map<String, ModelMean> byModel = new ConcurrentHashMap<>();

  ModelMean of(String model) {
    return byModel.computeIfAbsent(model, name -> new ModelMean());
  }

  /** Forgets other models. */
  public void keepOnly(Set<String> models) {
    byModel.keySet().retainAll(models);
  }

  /** How many models it knows. */
  int size() {
    return byModel.size();
  }
}

package dev.headrace.router.balance;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * All {@link OutlierPool}s of a router, by model, and who hears of what happens in them. Any
 * thread; bounded by {@link #keepOnly}.
 */
public final class Outliers {
  private final OutlierSettings settings;
  private final LongSupplier clock;
  private final InstantSource wall;
  private final RandomGenerator seeds;
  private final Map<String, OutlierPool> byModel = new ConcurrentHashMap<>();
  private final List<OutlierListener> listeners = new CopyOnWriteArrayList<>();
  private final OutlierListener all = new Everyone();

  /**
   * @param clock monotonic nanoseconds
   * @param wall for texts alone
   * @param random gives each pool a seed for the jitter of its ejections
   */
  public Outliers(
      OutlierSettings settings, LongSupplier clock, InstantSource wall, RandomGenerator random) {
    this.settings = settings;
    this.clock = clock;
    this.wall = wall;
    this.seeds = random;
  }

  /** Nobody is ever ejected. */
  public static Outliers off() {
    return new Outliers(
        OutlierSettings.OFF, System::nanoTime, InstantSource.system(), new SplittableRandom(0));
  }

  public OutlierSettings settings() {
    return settings;
  }

  public void listen(OutlierListener listener) {
    listeners.add(listener);
  }

  /** The pool of a model; the same object for as long as the model is known. */
  public OutlierPool of(String model) {
    return byModel.computeIfAbsent(
        model,
        name ->
            new OutlierPool(
                name, settings, clock, wall, new SplittableRandom(seeds.nextLong()), all));
  }

  public Collection<OutlierPool> pools() {
    return byModel.values();
  }

  /** Forgets the pools of other models; together with their workers' accounts in them. */
  public void keepOnly(Set<String> models) {
    byModel.keySet().retainAll(models);
  }

  /** Takes who is in which pool now; a pool that is not named is empty. */
  public void follow(Map<String, ? extends List<? extends Candidate>> members) {
    byModel.forEach(
        (model, pool) -> {
          List<? extends Candidate> now = members.get(model);
          pool.members(now == null ? List.of() : now);
        });
  }

  /** Workers may have become routable or not: looks whether a panic begins or ends. */
  public void recheck() {
    byModel.values().forEach(OutlierPool::recheck);
  }

  private final class Everyone implements OutlierListener {
    @Override
    public void ejected(
        String model, String worker, Reason reason, String why, Duration time, int ejections) {
      listeners.forEach(one -> one.ejected(model, worker, reason, why, time, ejections));
    }

    @Override
    public void tried(String model, String worker, Trial result) {
      listeners.forEach(one -> one.tried(model, worker, result));
    }

    @Override
    public void returned(String model, String worker, String why) {
      listeners.forEach(one -> one.returned(model, worker, why));
    }

    @Override
    public void panic(String model, boolean begins, int ejected, int routable) {
      listeners.forEach(one -> one.panic(model, begins, ejected, routable));
    }
  }
}

package dev.headrace.router.fleet;

import dev.headrace.router.balance.Candidate;
import dev.headrace.router.balance.EngineGauges;
import dev.headrace.router.balance.Outlier;
import dev.headrace.router.balance.OutlierPool;
import dev.headrace.router.balance.ServiceRates;
import dev.headrace.router.balance.WorkerLedger;
import dev.headrace.worker.Engine;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.load.WorkerLoad;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One worker of the fleet. The description is immutable; an update makes a new {@code Worker} that
 * shares the ledger and the live state of its predecessor. Any thread.
 */
public final class Worker implements Candidate {
  private static final long ASK_NANOS = EngineGauges.INTERVAL_NANOS / 4;
  private static final long POLL_FRESH_NANOS = 3 * EngineGauges.INTERVAL_NANOS;

  /** What changes without a fleet update, shared by all descriptions of the same worker. */
  public static final class Live {
    private volatile WorkerHealth health;
    private volatile @Nullable WorkerLoad load;
    private volatile @Nullable WorkerLoad polled;
    private volatile double drift = Double.NaN;
    private volatile long askedAnswerAt = System.nanoTime() - ASK_NANOS;
    private volatile boolean drainedByOperator;
    private volatile boolean ejectedByOperator;

    /** By model; see {@link #keepOnly}. */
    private final Map<String, Outlier> outliers = new ConcurrentHashMap<>();

    public Live(WorkerHealth health) {
      this.health = health;
    }

    public WorkerHealth health() {
      return health;
    }

    public void health(WorkerHealth health) {
      this.health = health;
    }

    /** The engine's own last report, or null before the first. */
    public @Nullable WorkerLoad load() {
      return load;
    }

    public void load(WorkerLoad load) {
      this.load = load;
    }

    /** See {@link EngineGauges.View#drift}. */
    public double drift() {
      return drift;
    }

    /**
     * True when the next request should ask for the load in its answer's head. Not each: vLLM
     * gathers all its metrics for it and writes a line to its log.
     */
    public boolean askWithAnswer(long nowNanos) {
      if (nowNanos - askedAnswerAt < ASK_NANOS) {
        return false;
      }
      askedAnswerAt = nowNanos; // two loops at once may both ask
      return true;
    }

    public boolean drainedByOperator() {
      return drainedByOperator;
    }

    public void drainedByOperator(boolean drained) {
      this.drainedByOperator = drained;
    }

    public boolean ejectedByOperator() {
      return ejectedByOperator;
    }

    public void ejectedByOperator(boolean ejected) {
      this.ejectedByOperator = ejected;
    }

    /** Its account in a pool; the same object for as long as it is the same worker. */
    public Outlier outlier(OutlierPool pool, String key) {
      return outliers.computeIfAbsent(pool.model(), model -> pool.join(key));
    }

    /** Its accounts in all pools that it has been in. */
    public Collection<Outlier> outliers() {
      return outliers.values();
    }

    /** Forgets the accounts in other pools. */
    void keepOnly(Set<String> models) {
      outliers.keySet().retainAll(models);
    }

    /** A check found it healthy again after one that did not. */
    public void recovered() {
      outliers.values().forEach(Outlier::recovered);
    }

    /** Whatever requests told of it is forgotten. */
    public void pardon() {
      outliers.values().forEach(Outlier::pardon);
    }
  }

  private final WorkerSpec spec;
  private final Engine engine;
  private final String publicId;
  private final WorkerLedger ledger;
  private final Live live;
  private final ServiceRates rates;
  private final double weight;
  private final Outlier outlier;

  /**
   * @param spec complete: engine, models and limits are known
   */
  public Worker(WorkerSpec spec, Engine engine, String publicId, WorkerLedger ledger, Live live) {
    this(spec, engine, publicId, ledger, live, ledger.rates(""), spec.weight(), Outlier.OFF);
  }

  private Worker(
      WorkerSpec spec,
      Engine engine,
      String publicId,
      WorkerLedger ledger,
      Live live,
      ServiceRates rates,
      double weight,
      Outlier outlier) {
    this.spec = spec;
    this.engine = engine;
    this.publicId = publicId;
    this.ledger = ledger;
    this.live = live;
    this.rates = rates;
    this.weight = weight;
    this.outlier = outlier;
    // Its class is resolved by this use; else JDK 17 compiles rates() as a call and not as a read,
    // which is a sixth of the time of a choice.
    rates.observations();
  }

  /** The same worker as the pool of one model sees it: with what it can do there. */
  public Worker inPool(String model, double weight, OutlierPool pool) {
    return new Worker(
        spec,
        engine,
        publicId,
        ledger,
        live,
        ledger.rates(model),
        weight,
        live.outlier(pool, spec.key()));
  }

  public WorkerSpec spec() {
    return spec;
  }

  public Engine engine() {
    return engine;
  }

  /** An opaque name that clients may see; it tells no address. */
  public String publicId() {
    return publicId;
  }

  @Override
  public WorkerLedger ledger() {
    return ledger;
  }

  /**
   * Relative capacity in the pool that this object was taken from, less while it starts slowly;
   * above 0, 1 is usual.
   */
  @Override
  public double weight() {
    double share = outlier.share();
    return share == 1 ? weight : weight * share;
  }

  /** The same, as it was set. */
  public double setWeight() {
    return weight;
  }

  @Override
  public Outlier outlier() {
    return outlier;
  }

  @Override
  public boolean routable() {
    return unroutable() == null;
  }

  @Override
  public ServiceRates rates() {
    return rates;
  }

  public Live live() {
    return live;
  }

  /**
   * Takes the engine's report that it was asked for.
   *
   * @param asked the ledger's account at that time
   */
  public void polled(WorkerLoad load, EngineGauges.Account asked) {
    live.polled = load;
    live.load(load);
    ledger.reported(load, asked);
    live.drift = ledger.gauges(load.readAtNanos()).drift();
  }

  /**
   * Takes what the head of an answer told: a part of a report, about now. It may be the part of one
   * rank only, so it makes a cache no emptier than a fresh whole report did.
   */
  public void toldWithAnswer(WorkerLoad part) {
    WorkerLoad whole = live.polled;
    boolean fresh = whole != null && part.readAtNanos() - whole.readAtNanos() < POLL_FRESH_NANOS;
    WorkerLoad merged = whole != null && fresh ? part.over(whole) : part;
    live.load(merged);
    ledger.reported(part.withKvUsage(merged.kvUsage()), ledger.account());
  }

  /** Why it must not get a new request now, or null when it may. */
  public @Nullable String unroutable() {
    if (live.ejectedByOperator()) {
      return "ejected by operator";
    }
    if (spec.drain() || live.drainedByOperator()) {
      return withReason("draining", spec.drain());
    }
    if (spec.down()) {
      return withReason("down by its source", true);
    }
    WorkerHealth health = live.health();
    if (!health.ready()) {
      return health.state().name().toLowerCase(java.util.Locale.ROOT) + ": " + health.reason();
    }
    return null;
  }

  private String withReason(String what, boolean saidBySource) {
    String reason = saidBySource ? spec.meta().get(WorkerSpec.REASON) : null;
    return reason == null ? what : what + ": " + reason;
  }

  @Override
  public String toString() {
    return spec.key() + " (" + spec.address() + ")";
  }
}

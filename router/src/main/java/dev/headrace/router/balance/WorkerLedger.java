package dev.headrace.router.balance;

import dev.headrace.worker.load.WorkerLoad;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The router's own account of one worker: what it has been given and has not given back, and how
 * fast it was. It belongs to the worker's identity and survives fleet updates. Any thread.
 *
 * <p>All changes happen under a stamp: even at rest, odd while one thread changes a few fields
 * (tens of nanoseconds, no calls out, no waiting inside). A chooser notes the stamp, reads what it
 * needs, and reserves by taking the stamp at exactly the value that it noted: whatever changed in
 * between makes it look again. So choosing and reserving are one step over all event loops, without
 * a lock around the scan.
 *
 * <p>Invariants: {@code 0 <= awaiting <= inFlight}; every granted {@link Lease} is subtracted
 * exactly once, with just what it still holds.
 */
@SuppressWarnings(
    "NonAtomicVolatileUpdate") // every write happens under the stamp, so by one thread at a time
public final class WorkerLedger {
  private static final VarHandle STAMP;

  /** Fewer requests of others may be some that have just ended. */
  private static final double SHARED = 2;

  private static final double FAILURE_SECONDS = 5;
  private static final double REFUSED_SECONDS = 1;
  private static final double MAX_CHARGE = 60;
  private static final double CHARGE_DECAY = 10;
  private static final double REST_DECAY = 30;

  static {
    try {
      STAMP = MethodHandles.lookup().findVarHandle(WorkerLedger.class, "stamp", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String workerId;
  private final long identity;
  private final ModelMeans means;
  private final LongSupplier nanoClock;
  private final Map<String, ServiceRates> rates = new ConcurrentHashMap<>();
  private final EngineGauges gauges = new EngineGauges();

  @SuppressWarnings("unused") // through STAMP
  private volatile long stamp;

  private volatile int capacity;
  private volatile int inFlight;
  private volatile int awaiting;
  private volatile double promptTokens;
  private volatile double outputTokens;
  private volatile long headSince;

  // Copies of what the gauges say, so that a choice among many workers follows one pointer less.
  private volatile double foreign;
  private volatile double foreignQueued;
  private volatile double foreignTokens;
  private volatile double kvCost;

  private volatile double charge;
  private volatile long chargedAt;
  private volatile int failuresInARow;

  // What a choice reads, kept ready by each change: plain fields, since the stamp orders them.
  private double queuedRequests;
  private double queuedTokens;
  private double meanQueuedTokens;
  private double share;
  private long restedAt;

  /**
   * Opens an account.
   *
   * @param capacity requests that the worker may hold at once, at least 1; {@link
   *     Integer#MAX_VALUE}: no hard cap
   * @param means the fleet's mean speeds, which a new worker begins with
   * @param nanoClock monotonic nanoseconds
   */
  public WorkerLedger(String workerId, int capacity, ModelMeans means, LongSupplier nanoClock) {
    this.workerId = workerId;
    this.identity = Affinity.hash(workerId);
    this.means = means;
    this.nanoClock = nanoClock;
    this.headSince = nanoClock.getAsLong();
    this.restedAt = headSince;
    update(capacity);
  }

  /** A worker on its own, on the system's monotonic clock. */
  public WorkerLedger(String workerId, int capacity) {
    this(workerId, capacity, new ModelMeans(), System::nanoTime);
  }

  public String workerId() {
    return workerId;
  }

  /** The worker's id as a number, for rankings. */
  long identity() {
    return identity;
  }

  /** Applies what a fleet update changed. Requests above a lowered capacity finish undisturbed. */
  public void update(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity must be at least 1, got " + capacity);
    }
    this.capacity = capacity;
  }

  /**
   * What was learned of this worker at a model; the same object for as long as the model is known.
   *
   * @param model the empty one stands for no model in particular and is always known
   */
  public ServiceRates rates(String model) {
    return rates.computeIfAbsent(model, name -> new ServiceRates(means.of(name)));
  }

  /** Forgets other models. What a lease holds of them is its own. */
  public void keepOnly(Set<String> models) {
    rates.keySet().removeIf(model -> !model.isEmpty() && !models.contains(model));
  }

  /** How many models it knows. */
  public int models() {
    return rates.size();
  }

  /** Requests that this router has given to the worker and that have not ended. */
  public int inFlight() {
    return inFlight;
  }

  /** Of these, how many have no token yet. */
  public int awaiting() {
    return awaiting;
  }

  /**
   * Prompt tokens, estimated and not known to be cached, of the requests that have no token yet.
   */
  public double promptTokens() {
    return promptTokens;
  }

  /** Output tokens that are still expected of all requests in flight. */
  public double outputTokens() {
    return outputTokens;
  }

  public int capacity() {
    return capacity;
  }

  /**
   * The engine's own report, blended in by {@link EngineGauges}.
   *
   * @param asked {@link #account()} from when it was asked for
   */
  public void reported(WorkerLoad load, EngineGauges.Account asked) {
    long seen = lock();
    gauges.report(load, asked, gauges.account(inFlight, awaiting, promptTokens));
    copyGauges();
    release(seen);
  }

  /** Is called now and then: what was reported fades when no report follows for long. */
  public void fade(long nowNanos) {
    long seen = lock();
    gauges.fade(nowNanos);
    copyGauges();
    release(seen);
  }

  private void copyGauges() {
    foreign = gauges.foreign();
    foreignQueued = gauges.queued();
    foreignTokens = gauges.queuedTokens();
    kvCost = gauges.kvCost();
    boolean shared = foreign >= SHARED;
    rates.values().forEach(one -> one.shared(shared));
  }

  /** What this router has on the worker now, to compare a report with. */
  public EngineGauges.Account account() {
    long seen = lock();
    EngineGauges.Account account = gauges.account(inFlight, awaiting, promptTokens);
    stamp = seen;
    return account;
  }

  /** Requests of other clients in the engine, from its reports. */
  double foreign() {
    return foreign;
  }

  /** What the fullness of its KV cache counts for [s]. */
  double kvCost() {
    return kvCost;
  }

  /** What the reports say at this moment, for people. */
  public EngineGauges.View gauges(long nowNanos) {
    long seen = lock();
    EngineGauges.View view = gauges.view(nowNanos);
    stamp = seen;
    return view;
  }

  /**
   * What recent failures count for [s]: each adds {@value #FAILURE_SECONDS} times the number of
   * failures in a row, at most {@value #MAX_CHARGE} in all, and decays with a time constant of
   * {@value #CHARGE_DECAY} s. So a worker that fails fast looks loaded and not idle. A refusal adds
   * {@value #REFUSED_SECONDS}, however many there were.
   */
  public double charge(long nowNanos) {
    double at = charge;
    return at == 0 ? 0 : at * Math.exp(-Math.max(0, nowNanos - chargedAt) * 1e-9 / CHARGE_DECAY);
  }

  /**
   * The worker was down and is healthy again: what it failed before is no longer charged, and how
   * fast it was before tells little of how fast it is now.
   */
  public void recovered() {
    long seen = lock();
    charge = 0;
    failuresInARow = 0;
    rates.values().forEach(learned -> learned.fade(0));
    release(seen);
  }

  /**
   * Is called now and then: a worker that has no work is not observed, and its speed could be
   * thought low for ever, since nobody would try it. While it rests, what was learned of it moves
   * towards the mean of its peers, with a time constant of {@value #REST_DECAY} s. A worker that
   * serves others does not rest: that it is slow for us tells of their load.
   */
  public void rest(long nowNanos) {
    if (inFlight > 0 || foreign >= 1) {
      return;
    }
    long seen = lock();
    double rested = (nowNanos - Math.max(restedAt, headSince)) * 1e-9;
    if (inFlight == 0 && rested > 0) {
      double keep = Math.exp(-rested / REST_DECAY);
      rates.values().forEach(learned -> learned.fade(keep));
      restedAt = nowNanos;
    }
    release(seen);
  }

  /** Failures since the last success. */
  public int failuresInARow() {
    return failuresInARow;
  }

  /**
   * Time since the service of the request at the head of the prefill queue began [s]; 0 when none
   * waits.
   */
  double headSeconds(long nowNanos) {
    return awaiting == 0 ? 0 : Math.max(0, nowNanos - headSince) * 1e-9;
  }

  /** Requests that have no token yet: ours, and those of others that wait in the engine. */
  double queuedRequests() {
    return queuedRequests;
  }

  /** Their prompt tokens. */
  double queuedTokens() {
    return queuedTokens;
  }

  /** Mean prompt tokens of ours among them; 0 when there are none. */
  double meanQueuedTokens() {
    return meanQueuedTokens;
  }

  /** Requests in the engine, ours and others'. */
  double share() {
    return share;
  }

  /** The stamp to reserve against, noted before anything else is read. */
  long stamp() {
    long seen = stamp;
    while ((seen & 1) != 0) {
      Thread.onSpinWait();
      seen = stamp;
    }
    return seen;
  }

  /** Takes a place if nothing changed since the stamp was seen and there is room for one more. */
  boolean tryReserve(long seen, double prompt, double output) {
    if (inFlight >= capacity || !STAMP.compareAndSet(this, seen, seen + 1)) {
      return false;
    }
    if (awaiting == 0) {
      headSince = nanoClock.getAsLong();
    }
    inFlight = inFlight + 1;
    awaiting = awaiting + 1;
    promptTokens = promptTokens + prompt;
    outputTokens = outputTokens + output;
    double cost = gauges.reserved(prompt);
    if (cost != kvCost) {
      kvCost = cost;
    }
    release(seen);
    return true;
  }

  /**
   * A request's first token came. Learns the prefill rate when {@code rates} is given.
   *
   * @param sentNanos when the request was given to the worker
   * @param prompt what it holds of {@link #promptTokens()}
   * @param cached prompt tokens that the worker was thought to hold in its cache
   */
  void firstToken(ServiceRates learn, long sentNanos, double prompt, double cached) {
    long now = nanoClock.getAsLong();
    long seen = lock();
    long begun = Math.max(sentNanos, headSince);
    double seconds = (now - begun) * 1e-9;
    if (seconds > 1e-6) {
      learn.prefilled(prompt, cached, seconds);
    }
    awaiting = awaiting - 1;
    promptTokens = awaiting == 0 ? 0 : Math.max(0, promptTokens - prompt);
    headSince = now;
    release(seen);
  }

  /** A request's prefill is over as far as anyone can tell; nothing is learned from it. */
  void prefillOver(double prompt) {
    long now = nanoClock.getAsLong();
    long seen = lock();
    awaiting = awaiting - 1;
    promptTokens = awaiting == 0 ? 0 : Math.max(0, promptTokens - prompt);
    headSince = now;
    release(seen);
  }

  /** Output tokens arrived, or turned out not to come: {@code expected} fewer are still to come. */
  void outputDone(double expected) {
    long seen = lock();
    outputTokens = Math.max(0, outputTokens - expected);
    release(seen);
  }

  /**
   * A request ended, in whatever way.
   *
   * @param ending a failure is charged, a success clears the count of failures
   * @param prompt what it still held of {@link #promptTokens()}; NaN when its first token had come
   * @param output what it still held of {@link #outputTokens()}
   * @param gapSeconds mean gap between its tokens to learn from, or NaN
   */
  void ended(
      Ending ending,
      ServiceRates learn,
      double prompt,
      double output,
      double batch,
      double gapSeconds) {
    long now = nanoClock.getAsLong();
    long seen = lock();
    if (!Double.isNaN(gapSeconds)) {
      learn.decoded(batch, gapSeconds);
    }
    if (ending == Ending.FAILED) {
      failuresInARow = failuresInARow + 1;
      charge = Math.min(MAX_CHARGE, charge(now) + FAILURE_SECONDS * failuresInARow);
      chargedAt = now;
    } else if (ending == Ending.REFUSED) {
      charge = Math.min(MAX_CHARGE, charge(now) + REFUSED_SECONDS);
      chargedAt = now;
    } else if (ending == Ending.SUCCEEDED) {
      failuresInARow = 0;
      charge = 0;
    }
    inFlight = inFlight - 1;
    if (!Double.isNaN(prompt)) {
      awaiting = awaiting - 1;
      promptTokens = awaiting == 0 ? 0 : Math.max(0, promptTokens - prompt);
      headSince = now;
    }
    outputTokens = inFlight == 0 ? 0 : Math.max(0, outputTokens - output);
    boolean negative = inFlight < 0 || awaiting < 0;
    release(seen);
    if (negative) {
      throw new IllegalStateException("ledger of " + workerId + " went below zero");
    }
  }

  /** Ends a change. */
  private void release(long seen) {
    int waiting = awaiting;
    queuedRequests = waiting + foreignQueued;
    queuedTokens = promptTokens + foreignTokens;
    meanQueuedTokens = waiting == 0 ? 0 : promptTokens / waiting;
    share = inFlight + foreign;
    stamp = seen + 2;
  }

  private long lock() {
    while (true) {
      long seen = stamp();
      if (STAMP.compareAndSet(this, seen, seen + 1)) {
        return seen;
      }
      Thread.onSpinWait();
    }
  }
}

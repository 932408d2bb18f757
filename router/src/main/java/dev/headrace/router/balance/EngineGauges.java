package dev.headrace.router.balance;

import dev.headrace.worker.load.WorkerLoad;

/**
 * What of an engine's own reports counts when a worker is chosen. The router's ledger is exact at
 * once but sees its own requests only; the engine sees everybody's, late. So a report only adds: it
 * tells what others have there and how full the KV cache is, and never takes away from what the
 * ledger knows.
 *
 * <pre>
 * beyond   = max(0, waiting − m)                 waiting requests that cannot be ours
 * others   = max(0, running + waiting − n)       n, m: the higher of the counts when the report was
 *                                                asked for and when it came
 * queued   = max(beyond, ½^dt · queued + (1 − ½^dt) · beyond)         rises at once, falls by half in a second
 * decoding = ½^dt · decoding + (1 − ½^dt) · (others − beyond)         smoothed both ways
 * K        = min(0.999, K reported + prompt tokens reserved since / tokens that fit)
 * kv cost  = 0.15 s · K / (1 − K)
 * </pre>
 *
 * <p>All of it counts in full for {@value #FRESH_INTERVALS} reading intervals and then fades in a
 * straight line to nothing within as many again. A report that tells a part (a header, see {@link
 * dev.headrace.worker.load.LoadHeader}) changes that part alone.
 *
 * <p>Guarded by the stamp of the worker's {@link WorkerLedger}, which keeps copies of what a choice
 * reads.
 */
public final class EngineGauges {
  /** Between two readings of one worker [ns]. */
  public static final long INTERVAL_NANOS = 1_000_000_000L;

  static final int FRESH_INTERVALS = 3;
  private static final long FRESH_NANOS = FRESH_INTERVALS * INTERVAL_NANOS;

  /** λ [s]: a cache that is half full costs this much. */
  static final double KV_SECONDS = 0.15;

  static final double KV_MOST = 0.999;
  private static final double PROMPT_KEEP = 0.95;

  /**
   * The router's own account of a worker at one moment, to compare a report with.
   *
   * @param inFlight requests of ours on the worker
   * @param awaiting of these, how many have no token yet
   * @param promptTokens their prompt tokens
   * @param reservedTokens prompt tokens of all requests ever given to it
   */
  public record Account(int inFlight, int awaiting, double promptTokens, double reservedTokens) {}

  /**
   * What is known from reports at one moment, for people.
   *
   * @param drift requests that the engine had beyond (above 0) or short of (below 0) our own; NaN:
   *     it never told how many it runs
   * @param foreign requests of others as they count now
   * @param foreignWaiting of these, how many wait in the engine
   * @param kvUsage share of the KV cache, with what was reserved since the report; NaN: not told
   * @param ageSeconds since the last report; NaN: there was none
   */
  public record View(
      double drift, double foreign, double foreignWaiting, double kvUsage, double ageSeconds) {}

  private double kept = 1;
  private double foreign;
  private double queued;
  private double queuedTokens;
  private double kvCost;
  private double drift = Double.NaN;
  private boolean told;
  private long toldAt;
  private boolean countsTold;
  private double decoding;
  private long decodingAt;
  private boolean queueTold;
  private long queuedAt;
  private double kvUsage = Double.NaN;
  private long kvAt;
  private double kvTokens;
  private double unreported;
  private double reserved;
  private double meanPrompt = Demand.TYPICAL.promptTokens();

  EngineGauges() {}

  /** Requests of others in the engine. */
  double foreign() {
    return kept * foreign;
  }

  /** Of these, how many wait. */
  double queued() {
    return kept * queued;
  }

  /** Prompt tokens of those that wait. */
  double queuedTokens() {
    return kept * queuedTokens;
  }

  /** What the fullness of the KV cache costs [s], at least 0. */
  double kvCost() {
    return kept * kvCost;
  }

  /** Lets what was reported count less when it is old. */
  void fade(long nowNanos) {
    kept = faded(nowNanos - toldAt);
  }

  /** λ · K / (1 − K) [s]; 0 for what is not known. */
  static double kvCost(double share) {
    double k = Math.min(KV_MOST, share);
    return k > 0 ? KV_SECONDS * k / (1 - k) : 0;
  }

  Account account(int inFlight, int awaiting, double promptTokens) {
    return new Account(inFlight, awaiting, promptTokens, reserved);
  }

  View view(long nowNanos) {
    return new View(
        drift,
        foreign(),
        queued(),
        kvTokens > 0 ? Math.min(1, kvUsage + unreported / kvTokens) : kvUsage,
        told ? (nowNanos - toldAt) * 1e-9 : Double.NaN);
  }

  /**
   * A request was given to the worker: its prompt will be in the cache before a report says so.
   *
   * @return the cost of the cache from now on
   */
  double reserved(double prompt) {
    reserved += prompt;
    meanPrompt = PROMPT_KEEP * meanPrompt + (1 - PROMPT_KEEP) * prompt;
    if (kvTokens > 0) {
      unreported += prompt;
      kvCost = kvCost(kvUsage + unreported / kvTokens);
    }
    return kvCost();
  }

  /**
   * A report came.
   *
   * @param asked our account when it was asked for
   * @param now our account now
   */
  void report(WorkerLoad load, Account asked, Account now) {
    long at = load.readAtNanos();
    if (load.known()) {
      count(load, asked, now, at);
    }
    if (!Double.isNaN(load.kvUsage())) {
      kvUsage = load.kvUsage();
      kvAt = at;
      kvTokens = load.kvTokens() > 0 ? load.kvTokens() : kvTokens;
      unreported = now.reservedTokens() - asked.reservedTokens();
    } else if (at - kvAt > FRESH_NANOS) {
      kvUsage = Double.NaN;
      kvTokens = 0;
    }
    kvCost = kvCost(kvTokens > 0 ? kvUsage + unreported / kvTokens : kvUsage);
    told = true;
    toldAt = at;
    kept = 1;
  }

  private void count(WorkerLoad load, Account asked, Account now, long at) {
    int waiting = Math.max(0, load.waiting());
    double beyond = Math.max(0, waiting - Math.max(asked.awaiting(), now.awaiting()));
    if (load.running() != WorkerLoad.UNKNOWN) {
      int total = load.running() + waiting;
      int most = Math.max(asked.inFlight(), now.inFlight());
      int least = Math.min(asked.inFlight(), now.inFlight());
      drift = total > most ? total - most : Math.min(0, total - least);
      double others = Math.max(0, total - most);
      beyond = Math.min(beyond, others);
      double old = countsTold ? halved(at - decodingAt) : 0;
      decoding = old * decoding + (1 - old) * (others - beyond);
      decodingAt = at;
      countsTold = true;
    }
    double old = queueTold ? halved(at - queuedAt) : 0;
    double tokens =
        load.waitingTokens() >= 0
            ? Math.max(0, load.waitingTokens() - Math.max(asked.promptTokens(), now.promptTokens()))
            : beyond * meanPrompt;
    queued = Math.max(beyond, old * queued + (1 - old) * beyond);
    queuedTokens = Math.max(tokens, old * queuedTokens + (1 - old) * tokens);
    queuedAt = at;
    queueTold = true;
    foreign = queued + decoding * faded(at - decodingAt);
  }

  private static double halved(long nanos) {
    return Math.pow(0.5, (double) Math.max(0, nanos) / INTERVAL_NANOS);
  }

  /** How much of something so old counts: all while it is fresh, then less and less. */
  private static double faded(long age) {
    return Math.max(0, Math.min(1, 2 - (double) age / FRESH_NANOS));
  }
}

package dev.headrace.worker.load;

/**
 * One reading of a worker's own load, in one normal form for all engines. Unknown counts are -1,
 * unknown shares NaN.
 *
 * @param readAtNanos monotonic time of the reading ({@code System.nanoTime} scale)
 * @param running requests that the engine computes now
 * @param waiting requests that wait inside the engine
 * @param kvUsage share of the KV cache in use, 0..1
 * @param slots requests that it can run at the same time
 * @param waitingTokens prompt tokens of the waiting requests that still have to be prefilled
 * @param kvTokens tokens that the KV cache can hold
 */
public record WorkerLoad(
    long readAtNanos,
    int running,
    int waiting,
    double kvUsage,
    int slots,
    long waitingTokens,
    long kvTokens) {

  public static final int UNKNOWN = -1;

  /** One whose cache is of unknown size. */
  public WorkerLoad(
      long readAtNanos, int running, int waiting, double kvUsage, int slots, long waitingTokens) {
    this(readAtNanos, running, waiting, kvUsage, slots, waitingTokens, UNKNOWN);
  }

  public static WorkerLoad of(long readAtNanos, int running, int waiting, double kvUsage) {
    return new WorkerLoad(readAtNanos, running, waiting, kvUsage, UNKNOWN, UNKNOWN);
  }

  /** A reading that tells nothing. */
  public static WorkerLoad unknown(long readAtNanos) {
    return of(readAtNanos, UNKNOWN, UNKNOWN, Double.NaN);
  }

  /** True when the engine told at least how much it runs or holds waiting. */
  public boolean known() {
    return running != UNKNOWN || waiting != UNKNOWN;
  }

  /** The same with another share of the KV cache. */
  public WorkerLoad withKvUsage(double share) {
    return new WorkerLoad(readAtNanos, running, waiting, share, slots, waitingTokens, kvTokens);
  }

  /** The same with the size of the KV cache. */
  public WorkerLoad withKvTokens(long tokens) {
    return new WorkerLoad(readAtNanos, running, waiting, kvUsage, slots, waitingTokens, tokens);
  }

  /**
   * This reading, which told a part, over one that told all and is still fresh: what is not told
   * stays, and of what both tell the higher counts, since the part may be that of one rank.
   */
  public WorkerLoad over(WorkerLoad whole) {
    return new WorkerLoad(
        readAtNanos,
        Math.max(running, whole.running),
        Math.max(waiting, whole.waiting),
        Double.isNaN(kvUsage)
            ? whole.kvUsage
            : Double.isNaN(whole.kvUsage) ? kvUsage : Math.max(kvUsage, whole.kvUsage),
        Math.max(slots, whole.slots),
        Math.max(waitingTokens, whole.waitingTokens),
        Math.max(kvTokens, whole.kvTokens));
  }
}

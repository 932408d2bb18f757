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
 */
public record WorkerLoad(
    long readAtNanos, int running, int waiting, double kvUsage, int slots, long waitingTokens) {

  public static final int UNKNOWN = -1;

  public static WorkerLoad of(long readAtNanos, int running, int waiting, double kvUsage) {
    return new WorkerLoad(readAtNanos, running, waiting, kvUsage, UNKNOWN, UNKNOWN);
  }

  /** A reading that tells nothing. */
  public static WorkerLoad unknown(long readAtNanos) {
    return of(readAtNanos, UNKNOWN, UNKNOWN, Double.NaN);
  }

  /** True when the engine told at least how much it runs. */
  public boolean known() {
    return running != UNKNOWN || waiting != UNKNOWN;
  }
}

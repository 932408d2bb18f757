package dev.headrace.worker.load;

/**
 * Adds up what a worker's parts (data-parallel engines, ranks) tell into one {@link WorkerLoad}:
 * counts are sums, of KV use the fullest part counts. What no part told stays unknown.
 */
final class LoadSum {

  private double running = Double.NaN;
  private double waiting = Double.NaN;
  private double slots = Double.NaN;
  private double waitingTokens = Double.NaN;
  private double kvUsage = Double.NaN;
  private double kvTokens = Double.NaN;

  void running(double count) {
    running = sum(running, count);
  }

  void waiting(double count) {
    waiting = sum(waiting, count);
  }

  void slots(double count) {
    slots = sum(slots, count);
  }

  void waitingTokens(double count) {
    waitingTokens = sum(waitingTokens, count);
  }

  /** Tokens that fit into the KV cache of a part. */
  void kvTokens(double count) {
    kvTokens = sum(kvTokens, count);
  }

  /** A share of 0..1; engines overshoot it slightly at times. */
  void kvUsage(double share) {
    if (share >= 0) {
      double bounded = Math.min(share, 1);
      kvUsage = Double.isNaN(kvUsage) ? bounded : Math.max(kvUsage, bounded);
    }
  }

  WorkerLoad at(long readAtNanos) {
    return new WorkerLoad(
        readAtNanos,
        count(running),
        count(waiting),
        kvUsage,
        slots > 0 ? count(slots) : WorkerLoad.UNKNOWN,
        Double.isNaN(waitingTokens) ? WorkerLoad.UNKNOWN : (long) waitingTokens,
        kvTokens > 0 ? (long) kvTokens : WorkerLoad.UNKNOWN);
  }

  private static double sum(double sum, double count) {
    if (!(count >= 0)) {
      return sum;
    }
    return Double.isNaN(sum) ? count : sum + count;
  }

  private static int count(double count) {
    return Double.isNaN(count) ? WorkerLoad.UNKNOWN : (int) Math.min(count, Integer.MAX_VALUE);
  }
}

package dev.headrace.loadtest.run;

/** Plain counters of one loop's measured requests. Confined to the loop until it has ended. */
final class Tally {
  long started;
  long completed;
  long failed;
  long dropped;

  /** Started late because as many as allowed were unanswered. */
  long waited;

  /** Sent again because a used connection closed before any answer. */
  long resent;

  /** Complete, but not a single token came. */
  long empty;

  /** Complete streams without {@code [DONE]}. */
  long withoutDone;

  long promptTokens;
  long cachedTokens;
  long outputTokens;
  long contents;

  /** Completed requests whose answer carried usage. */
  long withUsage;

  /** When the last measured request ended; meaningful if any did. */
  long lastEndNanos = Long.MIN_VALUE;

  /** CPU time of the loop's thread in the measured window. */
  long cpuNanos;

  void add(Tally other) {
    started += other.started;
    completed += other.completed;
    failed += other.failed;
    dropped += other.dropped;
    waited += other.waited;
    resent += other.resent;
    empty += other.empty;
    withoutDone += other.withoutDone;
    promptTokens += other.promptTokens;
    cachedTokens += other.cachedTokens;
    outputTokens += other.outputTokens;
    contents += other.contents;
    withUsage += other.withUsage;
    lastEndNanos = Math.max(lastEndNanos, other.lastEndNanos);
  }
}

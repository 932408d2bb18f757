package dev.headrace.loadtest.run;

/**
 * Decides when the next request of one event loop starts. Confined to that loop. It starts requests
 * through {@link Launcher} and is told of each one's end.
 */
interface Pacer {
  /** Starts requests and keeps time for a pacer. */
  interface Launcher {
    void launch(PlannedRequest request);

    /** Runs {@code action} on the loop after {@code nanos}, with the precision of the transport. */
    void after(long nanos, Runnable action);

    int inFlight();

    /** A planned measured request that will not be sent. */
    void dropped();

    /** The pacer has nothing more to send. Called once. */
    void exhausted();
  }

  /**
   * @param startNanos when the warm-up begins, on the clock of {@link System#nanoTime()}
   */
  void begin(long startNanos);

  /** One request ended and its place is free. */
  void ended(boolean failed);
}

package dev.headrace.loadtest;

/** What decides when the next request starts. */
public sealed interface LoadShape {
  /**
   * Open loop: requests start when the plan says so, whether or not earlier ones are answered, as
   * independent users do. One that finds {@code maxInFlight} others unanswered waits, and its wait
   * counts into its latency.
   */
  record Open(double ratePerSecond, int maxInFlight) implements LoadShape {
    public Open {
      if (!(ratePerSecond > 0)) {
        throw new IllegalArgumentException("a rate is above 0/s, not " + ratePerSecond);
      }
      checkRequests(maxInFlight);
    }
  }

  /**
   * Closed loop: so many users, each of whom sends the next request when the last is answered. A
   * slow target is then asked less often, so the latencies hold for such users only.
   */
  record Closed(int users) implements LoadShape {
    public Closed {
      checkRequests(users);
    }
  }

  /** The most requests that can be unanswered at once. */
  default int maxInFlight() {
    return this instanceof Open open ? open.maxInFlight : ((Closed) this).users;
  }

  private static void checkRequests(int count) {
    if (count < 1 || count > 65_536) {
      throw new IllegalArgumentException("requests at once are from 1 to 65536, not " + count);
    }
  }
}

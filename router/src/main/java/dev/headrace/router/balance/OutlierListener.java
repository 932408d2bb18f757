package dev.headrace.router.balance;

import java.time.Duration;

/**
 * Hears of workers that are ejected from a pool and come back. Called under the pool's lock, on
 * whatever thread closed a lease: must be quick and must not ask for a worker.
 */
public interface OutlierListener {

  /** Why a worker was ejected. */
  enum Reason {
    FAILURES("failures"),
    SLOW("slow"),
    /** The trial of an ejected worker failed. */
    TRIAL("trial");

    private final String label;

    Reason(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /** How the trial of an ejected worker ended. */
  enum Trial {
    PASSED("passed"),
    FAILED("failed"),
    /** The client left, or its request was wrong: another trial may follow at once. */
    NO_VERDICT("no_verdict");

    private final String label;

    Trial(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /**
   * A worker gets no request of this pool for a while.
   *
   * @param why in words
   * @param ejections how many in a row, this one included
   */
  void ejected(
      String model, String worker, Reason reason, String why, Duration time, int ejections);

  /** A trial request of an ejected worker is over. */
  void tried(String model, String worker, Trial result);

  /** A worker is in use again. */
  void returned(String model, String worker, String why);

  /**
   * More workers of a pool would have to be out than may: all are used, whatever they did. Or the
   * end of that.
   */
  void panic(String model, boolean begins, int ejected, int routable);
}

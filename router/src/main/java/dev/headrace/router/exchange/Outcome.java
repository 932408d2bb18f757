package dev.headrace.router.exchange;

import java.util.Locale;

/** How an exchange ended; each ends in exactly one of these. */
public enum Outcome {
  /** The whole answer went to the client. */
  COMPLETED,
  /** The client left before that. */
  CLIENT_GONE,
  /** Workers failed, and no further attempt could help. */
  WORKER_FAILED,
  /** One of the clocks ran out. */
  TIMED_OUT,
  /** Answered with an error that no worker is to blame for: the client's fault, or no capacity. */
  REFUSED,
  /** Cut because the router stops. */
  SHUTDOWN;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** It ended although a worker may still have been busy with it. */
  boolean gaveUp() {
    return this == CLIENT_GONE || this == TIMED_OUT || this == SHUTDOWN;
  }

  /** The value of the metric label. */
  public String label() {
    return label;
  }
}

package dev.headrace.router.balance;

/** How a request's stay on a worker ended, as far as the balance cares. */
public enum Ending {
  /** The worker did what it was asked. */
  SUCCEEDED,
  /** The worker failed: refused, broke, was too slow. It is charged for it. */
  FAILED,
  /**
   * Neither says anything of the worker: the client left, the request itself was wrong, the router
   * stops.
   */
  IGNORED
}

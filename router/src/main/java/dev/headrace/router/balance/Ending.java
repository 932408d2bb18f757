package dev.headrace.router.balance;

/** How a request's stay on a worker ended, as far as the balance cares. */
public enum Ending {
  /** The worker did what it was asked. */
  SUCCEEDED,
  /** The worker failed: refused, broke, was too slow. It is charged for it. */
  FAILED,
  /**
   * The worker would not take it, and nothing is wrong with it: it is full, or has no such
   * endpoint. Charged a little, so that others are asked first for a while.
   */
  REFUSED,
  /**
   * Neither says anything of the worker: the client left, the request itself was wrong, the router
   * stops.
   */
  IGNORED
}

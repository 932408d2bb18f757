package dev.headrace.router.fleet.consul;

/**
 * Which index the next blocking query has to carry. Confined to one context.
 *
 * <p>Consul's index is no promise: it falls when a server was restored or an agent came back empty,
 * and a query that carries an index above the present one hangs until its wait is over. Hence:
 *
 * <ul>
 *   <li>an answer below the highest index seen sends the next query without one (it returns at
 *       once);
 *   <li>so does every failure, since nobody knows what answers next;
 *   <li>once there was an answer, an index is at least 1: 0 would turn the loop into polling.
 * </ul>
 */
final class QueryIndex {
  /** Asks for an answer at once. */
  static final long NONE = 0;

  private long next = NONE;
  private long seen = NONE;

  /** The index for the next query; {@link #NONE}: do not block. */
  long next() {
    return next;
  }

  /**
   * Takes the index of an answer.
   *
   * @return true when it went backwards: what the answer says may be the beginning of a new history
   */
  boolean answered(long index) {
    long valid = Math.max(1, index);
    boolean wentBack = valid < seen;
    boolean askedWithIt = next != NONE;
    next = wentBack && askedWithIt ? NONE : valid;
    seen = valid;
    return wentBack;
  }

  void failed() {
    next = NONE;
  }
}

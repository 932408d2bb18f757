package dev.headrace.router.limit;

/**
 * A limit per minute, and what its units cost in a {@link TokenBucket}. Pure.
 *
 * @param limit units per minute; 0: no limit, and nothing costs anything
 */
record PerMinute(long limit) {
  /** So that a whole unit is not lost to the last bit of a quotient. */
  private static final double ROUNDING = 1e-6;

  /** Time of refill of so many units, rounded down: as many units as the limit always fit. */
  long cost(long units) {
    return limit == 0
        ? 0
        : (long) Math.min((double) units * perUnit(), (double) TokenBucket.MOST_OWED);
  }

  /** Whole units that a bucket has left which owes so much. */
  long remaining(long owed) {
    if (owed >= TokenBucket.PERIOD) {
      return 0;
    }
    double units = (double) (TokenBucket.PERIOD - owed) / perUnit();
    return Math.min(limit, (long) (units + ROUNDING));
  }

  private double perUnit() {
    return (double) TokenBucket.PERIOD / (double) limit;
  }
}

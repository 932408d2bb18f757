package dev.headrace.router.balance;

import java.time.Duration;

/**
 * When a worker is taken out of use because of what requests told, and how it comes back.
 *
 * @param failures failed requests in a row that eject; 0: failures never do
 * @param slowFirstTokens slow first tokens in a row that eject; 0: slowness never does
 * @param slowFactor a first token is slow when it took more than so many times what was predicted
 *     for it, and more than so many times the pool's median of that ratio; above 1
 * @param slowAtLeast a first token that took less is never slow, and slow ones must keep coming for
 *     so long
 * @param ejection the first ejection; each further one lasts twice as long as the one before
 * @param maxEjection no ejection is longer; a worker that stays in use for longer begins anew
 * @param maxEjected share of a pool's routable workers that may be ejected at once, 0 to 1
 * @param slowStart a worker that comes back gets its full weight only after so long; zero: at once
 */
public record OutlierSettings(
    int failures,
    int slowFirstTokens,
    double slowFactor,
    Duration slowAtLeast,
    Duration ejection,
    Duration maxEjection,
    double maxEjected,
    Duration slowStart) {

  /** What holds when nobody sets anything else. */
  public static final OutlierSettings DEFAULT =
      new OutlierSettings(
          5,
          10,
          5,
          Duration.ofSeconds(2),
          Duration.ofSeconds(30),
          Duration.ofSeconds(300),
          0.5,
          Duration.ofSeconds(30));

  /** Nobody is ever ejected. */
  public static final OutlierSettings OFF =
      new OutlierSettings(
          0,
          0,
          5,
          Duration.ofSeconds(2),
          Duration.ofSeconds(30),
          Duration.ofSeconds(300),
          0,
          Duration.ZERO);

  public OutlierSettings {
    if (failures < 0 || slowFirstTokens < 0) {
      throw new IllegalArgumentException("a number of requests is 0 or more");
    }
    if (!(slowFactor > 1) || !(maxEjected >= 0 && maxEjected <= 1)) {
      throw new IllegalArgumentException("slowFactor is above 1, maxEjected 0 to 1");
    }
    if (ejection.isNegative() || ejection.isZero() || maxEjection.compareTo(ejection) < 0) {
      throw new IllegalArgumentException("0 < ejection <= maxEjection");
    }
  }
}

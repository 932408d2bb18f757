package dev.headrace.loadtest.plan;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.SplittableRandom;

/**
 * Every request of a run, known before it starts: the same seed gives the same plan, whatever the
 * target answers and however many event loops send it. Times come from a Poisson process: gaps are
 * exponential with mean 1/rate. They are not rescaled to hit the rate exactly, since that would
 * take the natural variance away.
 *
 * <p>Gaps, lengths and texts have random streams of their own, so changing one law leaves the
 * others as they were. The plan is endless and made as it is read: it needs no memory. Immutable;
 * each iterator belongs to one thread.
 *
 * @param ratePerSecond mean arrivals per second, or 0 for a plan without times (closed loop)
 */
public record ArrivalPlan(
    long seed, double ratePerSecond, LengthLaw promptTokens, LengthLaw maxTokens) {
  private static final double NANOS_PER_SECOND = 1e9;

  public ArrivalPlan {
    if (!(ratePerSecond >= 0 && ratePerSecond <= 1e7)) {
      throw new IllegalArgumentException("a rate is from 0 to 10 million/s, not " + ratePerSecond);
    }
  }

  /** The same laws with independent draws: what a warm-up sends. */
  public ArrivalPlan forWarmup() {
    return new ArrivalPlan(
        new SplittableRandom(~seed).nextLong(), ratePerSecond, promptTokens, maxTokens);
  }

  /** All arrivals in order, without end. */
  public Iterator<Arrival> arrivals() {
    return new Arrivals(this);
  }

  /** A digest of the first {@code count} arrivals, to show that two runs sent the same. */
  public String sha256(long count) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES + 2 * Integer.BYTES);
    Iterator<Arrival> arrivals = arrivals();
    for (long i = 0; i < count; i++) {
      Arrival arrival = arrivals.next();
      bytes.clear();
      bytes.putLong(arrival.atNanos()).putInt(arrival.promptTokens());
      bytes.putInt(arrival.maxTokens()).putLong(arrival.textSeed()).flip();
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static final class Arrivals implements Iterator<Arrival> {
    private final ArrivalPlan plan;
    private final SplittableRandom gaps;
    private final SplittableRandom prompts;
    private final SplittableRandom outputs;
    private final SplittableRandom texts;
    private long index;
    private double atNanos;

    Arrivals(ArrivalPlan plan) {
      this.plan = plan;
      SplittableRandom root = new SplittableRandom(plan.seed);
      gaps = root.split();
      prompts = root.split();
      outputs = root.split();
      texts = root.split();
    }

    @Override
    public boolean hasNext() {
      return true;
    }

    @Override
    public Arrival next() {
      if (plan.ratePerSecond > 0) {
        atNanos += -Math.log(1 - gaps.nextDouble()) / plan.ratePerSecond * NANOS_PER_SECOND;
      }
      return new Arrival(
          index++,
          (long) atNanos,
          plan.promptTokens.sample(prompts),
          plan.maxTokens.sample(outputs),
          texts.nextLong());
    }
  }
}

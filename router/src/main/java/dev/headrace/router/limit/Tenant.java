package dev.headrace.router.limit;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.limit.LimitState.Window;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The account of one API key: two buckets and the number of its requests under way. Its requests
 * pass through a {@link Passage} each. Any thread; no locks.
 */
public final class Tenant {
  private static final long FIRST_WAIT = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(60);
  private static final double KEEP = 0.9;

  private final String key;
  private final LongSupplier clock;
  private final TokenBucket requests;
  private final TokenBucket tokens;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicLong reserved = new AtomicLong();
  private final Map<LimitKind, LongAdder> refusals = new EnumMap<>(LimitKind.class);
  private volatile Allowance allowance;

  /** Mean time under way [ns]; two updates at the same instant may lose one. 0: not known. */
  private volatile double meanHold;

  Tenant(String key, Allowance allowance, LongSupplier clock) {
    this.key = key;
    this.allowance = allowance;
    this.clock = clock;
    long now = clock.getAsLong();
    this.requests = new TokenBucket(now);
    this.tokens = new TokenBucket(now);
    for (LimitKind kind : LimitKind.values()) {
      refusals.put(kind, new LongAdder());
    }
  }

  /** Name of the key; empty: no key is asked for. */
  public String key() {
    return key;
  }

  /** Takes effect at once; the share of each limit that is in use stays. */
  void allow(Allowance now) {
    allowance = now;
  }

  /** The class that its requests have by default and at most, or null: no rule. */
  public @Nullable Priority priority() {
    return allowance.priority();
  }

  boolean isIdle() {
    return inFlight.get() == 0;
  }

  boolean limited() {
    return !allowance.isNone();
  }

  long now() {
    return clock.getAsLong();
  }

  /** A request comes in; null when it may. */
  @Nullable LimitRefusal enter() {
    Allowance now = allowance;
    if (!takePlace(now.concurrency())) {
      return refused(LimitKind.CONCURRENCY, now.concurrency(), 0, 1, untilNextEnd());
    }
    if (now.requestsPerMinute() > 0) {
      PerMinute rate = new PerMinute(now.requestsPerMinute());
      long wait = requests.take(rate.cost(1), now());
      if (wait > 0) {
        inFlight.decrementAndGet();
        return refused(LimitKind.REQUESTS, rate.limit(), 0, 1, wait);
      }
    }
    return null;
  }

  private boolean takePlace(long most) {
    int held;
    do {
      held = inFlight.get();
      if (most > 0 && held >= most) {
        return false;
      }
    } while (!inFlight.compareAndSet(held, held + 1));
    return true;
  }

  /** What {@code units} cost now, a whole bucket at most: more can never be there at once. */
  long tokenCost(long units) {
    PerMinute rate = new PerMinute(allowance.tokensPerMinute());
    return Math.min(rate.cost(units), TokenBucket.PERIOD);
  }

  /** Reserves tokens at this cost; null when they were there. */
  @Nullable LimitRefusal reserve(long units, long cost) {
    if (cost > 0) {
      long now = now();
      long wait = tokens.take(cost, now);
      if (wait > 0) {
        PerMinute rate = new PerMinute(Math.max(1, allowance.tokensPerMinute()));
        long left = rate.remaining(tokens.owed(now));
        return refused(LimitKind.TOKENS, rate.limit(), left, units, wait);
      }
    }
    reserved.addAndGet(units);
    return null;
  }

  /**
   * A request that entered is over.
   *
   * @param heldNanos how long it was under way; 0: it never was, the limit of tokens refused it
   */
  void leave(long reservedUnits, long reservedCost, long usedUnits, long heldNanos) {
    reserved.addAndGet(-reservedUnits);
    long cost = new PerMinute(allowance.tokensPerMinute()).cost(usedUnits);
    if (cost != reservedCost) {
      tokens.correct(cost - reservedCost, now());
    }
    if (heldNanos > 0) {
      double mean = meanHold;
      double held = (double) heldNanos;
      meanHold = mean == 0 ? held : KEEP * mean + (1 - KEEP) * held;
    }
    inFlight.decrementAndGet();
  }

  private LimitRefusal refused(
      LimitKind kind, long limit, long remaining, long requested, long waitNanos) {
    counter(kind).increment();
    return new LimitRefusal(kind, key, limit, remaining, requested, waitNanos);
  }

  /** With n requests of mean time h under way, one ends every h/n. */
  private long untilNextEnd() {
    double mean = meanHold;
    return mean == 0
        ? FIRST_WAIT
        : (long) Math.min(mean / Math.max(1, inFlight.get()), (double) LONGEST_WAIT);
  }

  /** Requests per minute, or null: no such limit. */
  public @Nullable Window requests() {
    return window(requests, allowance.requestsPerMinute());
  }

  /** Tokens per minute, reservations counted as used, or null: no such limit. */
  public @Nullable Window tokens() {
    return window(tokens, allowance.tokensPerMinute());
  }

  private @Nullable Window window(TokenBucket bucket, long limit) {
    if (limit == 0) {
      return null;
    }
    long owed = bucket.owed(now());
    return new Window(limit, new PerMinute(limit).remaining(owed), owed);
  }

  /** The share of a limit that is in use, 0 to 1, above 1 where tokens are owed; 0: no limit. */
  public double inUse(LimitKind kind) {
    Allowance now = allowance;
    return switch (kind) {
      case REQUESTS -> now.requestsPerMinute() == 0 ? 0 : share(requests);
      case TOKENS -> now.tokensPerMinute() == 0 ? 0 : share(tokens);
      case CONCURRENCY ->
          now.concurrency() == 0 ? 0 : (double) inFlight.get() / (double) now.concurrency();
    };
  }

  private double share(TokenBucket bucket) {
    return (double) bucket.owed(now()) / (double) TokenBucket.PERIOD;
  }

  /** Requests refused since the start. */
  public long refusals(LimitKind kind) {
    return counter(kind).sum();
  }

  private LongAdder counter(LimitKind kind) {
    return Objects.requireNonNull(refusals.get(kind), "there is one of each kind");
  }

  /** All of it, to be shown. */
  public LimitState state() {
    Map<LimitKind, Long> refused = new EnumMap<>(LimitKind.class);
    for (LimitKind kind : LimitKind.values()) {
      refused.put(kind, refusals(kind));
    }
    return new LimitState(
        key,
        priority(),
        requests(),
        tokens(),
        reserved.get(),
        allowance.concurrency(),
        inFlight.get(),
        refused);
  }
}

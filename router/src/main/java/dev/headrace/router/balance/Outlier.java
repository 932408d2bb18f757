package dev.headrace.router.balance;

import dev.headrace.router.balance.OutlierListener.Reason;
import dev.headrace.router.balance.OutlierListener.Trial;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Whether one worker is an outlier in one pool: ejected because of what requests on it told, on
 * trial, coming back slowly, or simply in use.
 *
 * <pre>
 *             failures or slow first tokens in a row
 *   IN_USE ──────────────────────────────────────────▶ EJECTED ◀─┐ trial failed:
 *     ▲  ▲                                              │  │     │ for twice as long
 *     │  │ panic, or an operator                        │  └─────┘
 *     │  └──────────────────────────────────────────────┤
 *     │   window over                                   │ time over, trial passed
 *     └──────────────── SLOW_START ◀────────────────────┘
 * </pre>
 *
 * <ul>
 *   <li>IN_USE: as if this class were not there.
 *   <li>EJECTED: not chosen until its time is over; then for one request at a time, the trial. A
 *       trial without a verdict gives its slot back. While the pool is in panic it is chosen like
 *       all others, and a request that succeeds then brings it back at once.
 *   <li>SLOW_START: {@code weight · max(0.1, t / window)}.
 * </ul>
 *
 * <p>Only requests that were sent after a state began tell of it: what was sent before an ejection
 * neither ends nor prolongs it, and a success ends a row of failures only if it was sent after the
 * row had begun. So long streams that still run do not hide that new ones fail.
 *
 * <p>Any thread; changes happen under the pool's lock. While the worker is in use and nothing
 * fails, {@link #admits} is one volatile read and nobody takes the lock.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // every write happens under the pool's lock
public final class Outlier {
  /** Never ejected. */
  public static final Outlier OFF = Outliers.off().of("").join("");

  /** A request like any other, see {@link #enter}. */
  static final int ORDINARY = 0;

  /** No request now, see {@link #enter}. */
  static final int REFUSED = -1;

  static final double LEAST_SHARE = 0.1;
  private static final double RATIO_KEEP = 0.8;
  private static final double LEAST_EXPECTED = 0.01;
  private static final double JITTER = 0.1;

  private enum State {
    IN_USE,
    SLOW_START,
    EJECTED
  }

  private final String worker;
  private final OutlierPool pool;
  private final OutlierSettings settings;
  private final long slowStartNanos;

  private volatile State state = State.IN_USE;
  private volatile long since;
  private volatile long until;
  private volatile int trial;
  private volatile int failures;
  private volatile int slow;
  private volatile String why = "";
  private volatile String barrier = "";
  private volatile int ejections;
  private int trials;
  private long failingSince;
  private long slowSince;

  private volatile double ratio = 1;
  private volatile long ratioAt;
  private volatile boolean ratioSeen;

  Outlier(String worker, OutlierPool pool) {
    this.worker = worker;
    this.pool = pool;
    this.settings = pool.settings();
    this.slowStartNanos = settings.slowStart().toNanos();
    this.since = pool.now();
  }

  public OutlierPool pool() {
    return pool;
  }

  // What the choice asks.

  /** True when it may get a request now. */
  public boolean admits() {
    return state != State.EJECTED || pool.panic() || (trial == 0 && pool.now() - until >= 0);
  }

  /** Why it may not, or null when it may. */
  public @Nullable String barrier() {
    return admits() ? null : trial == 0 ? barrier : "ejected, a trial request is under way";
  }

  /** The share of its weight that it has now: 1, or less in its slow start. */
  public double share() {
    if (state != State.SLOW_START || pool.panic()) {
      return 1;
    }
    double part = (double) (pool.now() - since) / slowStartNanos;
    if (part >= 1) {
      endSlowStart();
      return 1;
    }
    return Math.max(LEAST_SHARE, part);
  }

  boolean isEjected() {
    return state == State.EJECTED;
  }

  /**
   * A request was given a place on it.
   *
   * @return {@link #ORDINARY}; the number of the trial that this request is; or {@link #REFUSED}
   *     when another request has become the trial since {@link #admits} was asked
   */
  int enter() {
    if (state != State.EJECTED) {
      return ORDINARY;
    }
    ReentrantLock lock = pool.lock();
    lock.lock();
    try {
      if (state != State.EJECTED || pool.panic()) {
        return ORDINARY;
      }
      if (trial != 0 || pool.now() - until < 0) {
        return REFUSED;
      }
      trials = trials == Integer.MAX_VALUE ? 1 : trials + 1;
      trial = trials;
      return trials;
    } finally {
      lock.unlock();
    }
  }

  // What requests tell.

  /**
   * A request's first token has not come yet.
   *
   * @param seconds since it was sent
   * @param expected what was predicted when the worker was chosen [s]
   * @param entered what {@link #enter} gave
   * @return true when it is so late that it counted as slow; it must not be told of again
   */
  boolean overdue(double seconds, double expected, int entered, long sentNanos) {
    if (settings.slowFirstTokens() == 0 || !isSlow(seconds, times(seconds, expected))) {
      return false;
    }
    ReentrantLock lock = pool.lock();
    lock.lock();
    try {
      slowFirstToken(pool.now(), entered, sentNanos);
    } finally {
      lock.unlock();
    }
    return true;
  }

  /**
   * A request's first token came.
   *
   * @param seconds time to it
   * @param expected what was predicted when the worker was chosen [s]
   * @param entered what {@link #enter} gave
   * @param counted it was {@link #overdue} before
   */
  void firstToken(double seconds, double expected, int entered, long sentNanos, boolean counted) {
    if (settings.slowFirstTokens() == 0) {
      return;
    }
    double times = times(seconds, expected);
    ratio = ratioSeen ? RATIO_KEEP * ratio + (1 - RATIO_KEEP) * times : times;
    ratioAt = pool.now();
    ratioSeen = true;
    boolean isSlow = isSlow(seconds, times);
    if (!isSlow && (counted || slow == 0)) {
      return;
    }
    ReentrantLock lock = pool.lock();
    lock.lock();
    try {
      if (counted) {
        // Those that were overdue in one and the same look are only now seen to last.
        if (!isTrial(entered) && state != State.EJECTED && sentNanos - since >= 0) {
          ejectSlow(pool.now());
        }
      } else if (isSlow) {
        slowFirstToken(pool.now(), entered, sentNanos);
      } else if (sentNanos - slowSince >= 0) {
        slow = 0;
      }
    } finally {
      lock.unlock();
    }
  }

  private static double times(double seconds, double expected) {
    return seconds / Math.max(expected, LEAST_EXPECTED);
  }

  private boolean isSlow(double seconds, double times) {
    double factor = settings.slowFactor();
    return times > factor
        && seconds * 1e9 > settings.slowAtLeast().toNanos()
        && times > factor * pool.usualRatio(this);
  }

  private void slowFirstToken(long now, int entered, long sentNanos) {
    if (isTrial(entered)) {
      pool.listener().tried(pool.model(), worker, Trial.FAILED);
      eject(now, Reason.TRIAL, "the first token of its trial was slow", 1);
    } else if (state != State.EJECTED && sentNanos - since >= 0) {
      if (slow == 0) {
        slowSince = now;
      }
      slow = slow + 1;
      ejectSlow(now);
    }
  }

  private void ejectSlow(long now) {
    if (slow >= settings.slowFirstTokens() && now - slowSince >= settings.slowAtLeast().toNanos()) {
      eject(now, Reason.SLOW, slow + " slow first tokens in a row", 1);
    }
  }

  /**
   * A request on it ended.
   *
   * @param entered what {@link #enter} gave
   */
  void ended(Ending ending, int entered, long sentNanos) {
    boolean tells =
        switch (ending) {
          case SUCCEEDED -> entered != ORDINARY || failures != 0 || state == State.EJECTED;
          case FAILED -> entered != ORDINARY || settings.failures() > 0;
          case REFUSED, IGNORED -> entered != ORDINARY;
        };
    if (!tells) {
      return;
    }
    ReentrantLock lock = pool.lock();
    lock.lock();
    try {
      long now = pool.now();
      switch (ending) {
        case SUCCEEDED -> succeeded(now, entered, sentNanos);
        case FAILED -> failed(now, entered, sentNanos);
        case REFUSED, IGNORED -> {
          if (isTrial(entered)) {
            trial = 0;
            pool.listener().tried(pool.model(), worker, Trial.NO_VERDICT);
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void succeeded(long now, int entered, long sentNanos) {
    if (isTrial(entered)) {
      pool.listener().tried(pool.model(), worker, Trial.PASSED);
      putBack(now, slowStartNanos > 0 ? State.SLOW_START : State.IN_USE, "its trial passed");
    } else if (state == State.EJECTED) {
      if (pool.panic() && sentNanos - since >= 0) {
        // Without a slow start: it is the best that the pool has.
        putBack(now, State.IN_USE, "a request on it succeeded");
      }
    } else if (sentNanos - failingSince >= 0) {
      failures = 0;
    }
  }

  private void failed(long now, int entered, long sentNanos) {
    if (isTrial(entered)) {
      pool.listener().tried(pool.model(), worker, Trial.FAILED);
      eject(now, Reason.TRIAL, "its trial failed", ejections + 1);
    } else if (state != State.EJECTED && sentNanos - since >= 0 && settings.failures() > 0) {
      if (failures == 0) {
        failingSince = now;
      }
      failures = failures + 1;
      if (failures >= settings.failures()) {
        eject(now, Reason.FAILURES, failures + " failures in a row", ejectionsBefore(now) + 1);
      }
    }
  }

  // What others tell.

  /**
   * The worker was down and is healthy again. If it is ejected its trial may come at once, since
   * another process may be there now.
   */
  public void recovered() {
    ReentrantLock lock = pool.lock();
    lock.lock();
    try {
      if (state == State.EJECTED) {
        until = pool.now();
      }
    } finally {
      lock.unlock();
    }
  }

  /** All is forgotten: an operator wants it, or another worker stands behind the same name. */
  public void pardon() {
    ReentrantLock lock = pool.lock();
    lock.lock();
    try {
      ejections = 0;
      if (state == State.EJECTED) {
        putBack(pool.now(), State.IN_USE, "it was pardoned");
      }
      state = State.IN_USE;
      failures = 0;
      slow = 0;
      ratioSeen = false;
    } finally {
      lock.unlock();
    }
  }

  // Under the lock.

  private boolean isTrial(int entered) {
    return entered != ORDINARY && entered == trial;
  }

  /** Ejections in a row so far: none when it was in use for long. */
  private int ejectionsBefore(long now) {
    return now - since > settings.maxEjection().toNanos() ? 0 : ejections;
  }

  /**
   * @param inARow which one it is, this one included
   */
  private void eject(long now, Reason reason, String what, int inARow) {
    ejections = inARow;
    double plain =
        Math.min(
            (double) settings.maxEjection().toNanos(),
            settings.ejection().toNanos() * Math.pow(2, Math.min(60, inARow - 1)));
    long nanos = (long) (plain * (1 - JITTER + 2 * JITTER * pool.draw()));
    Duration time = Duration.ofNanos(nanos);
    Instant end = pool.wallNow().plus(time).truncatedTo(ChronoUnit.SECONDS);
    why = what;
    barrier = "ejected until " + end + ": " + what;
    since = now;
    until = now + nanos;
    failures = 0;
    slow = 0;
    trial = 0;
    pool.eject(
        () -> {
          state = State.EJECTED;
          pool.listener().ejected(pool.model(), worker, reason, what, time, inARow);
        });
  }

  private void putBack(long now, State next, String what) {
    since = now;
    failures = 0;
    slow = 0;
    trial = 0;
    state = next;
    pool.listener().returned(pool.model(), worker, what);
    pool.changed();
  }

  private void endSlowStart() {
    ReentrantLock lock = pool.lock();
    lock.lock();
    try {
      if (state == State.SLOW_START && pool.now() - since >= slowStartNanos) {
        state = State.IN_USE;
      }
    } finally {
      lock.unlock();
    }
  }

  // What the pool and operators ask.

  /** Observed times to the first token over the predicted, smoothed. */
  double ratio() {
    return ratio;
  }

  boolean seenWithin(long nanos, long now) {
    return ratioSeen && now - ratioAt <= nanos;
  }

  /** Where it stands now. */
  public OutlierView view() {
    double share = share();
    State at = state;
    long now = pool.now();
    boolean over = now - until >= 0;
    String name =
        switch (at) {
          case IN_USE -> "in_use";
          case SLOW_START -> "slow_start";
          case EJECTED -> over ? "trial" : "ejected";
        };
    long left =
        switch (at) {
          case IN_USE -> 0;
          case SLOW_START -> since + slowStartNanos - now;
          case EJECTED -> until - now;
        };
    return new OutlierView(
        pool.model(),
        name,
        why,
        ejections,
        Math.max(0, TimeUnit.NANOSECONDS.toMillis(left)),
        at == State.EJECTED && trial != 0,
        at == State.EJECTED && pool.panic(),
        share);
  }
}

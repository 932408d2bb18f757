package dev.headrace.router.balance;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The workers of one model, as far as they are outliers among each other: how many may be out, and
 * what is usual. Lives as long as the model is known.
 *
 * <p>Panic: when more workers are ejected than {@link OutlierSettings#maxEjected} of those that are
 * routable, ejections of this pool are ignored until that is over. A fault that hits most of a pool
 * is not one of its workers', and half a fleet cannot carry the load of a whole one.
 *
 * <p>Any thread. All changes of its outliers happen under one lock, which nobody takes while all is
 * well; the choice reads volatile fields only.
 */
public final class OutlierPool {
  /** Observations that are older say nothing of what is usual now. */
  private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final String model;
  private final OutlierSettings settings;
  private final LongSupplier clock;
  private final InstantSource wall;
  private final RandomGenerator random;
  private final OutlierListener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile List<? extends Candidate> members = List.of();
  private volatile boolean panic;

  OutlierPool(
      String model,
      OutlierSettings settings,
      LongSupplier clock,
      InstantSource wall,
      RandomGenerator random,
      OutlierListener listener) {
    this.model = model;
    this.settings = settings;
    this.clock = clock;
    this.wall = wall;
    this.random = random;
    this.listener = listener;
  }

  public String model() {
    return model;
  }

  /** The account of one worker, to be kept for as long as the worker is the same. */
  public Outlier join(String worker) {
    return new Outlier(worker, this);
  }

  /** The pool as it is now. */
  public void members(List<? extends Candidate> now) {
    members = now;
    recheck();
  }

  /** True while ejections are ignored. One volatile read. */
  public boolean panic() {
    return panic;
  }

  /** Routable workers that are ejected, those included whose trial is awaited. */
  public int ejected() {
    int out = 0;
    for (Candidate member : members) {
      if (member.outlier().isEjected() && member.routable()) {
        out++;
      }
    }
    return out;
  }

  /** Looks whether panic begins or ends; to be asked when workers became routable or not. */
  public void recheck() {
    if (!panic && members.stream().noneMatch(member -> member.outlier().isEjected())) {
      return;
    }
    lock.lock();
    try {
      recheckLocked();
    } finally {
      lock.unlock();
    }
  }

  private void recheckLocked() {
    settle(panic);
  }

  /**
   * @param before whether there was panic
   */
  private void settle(boolean before) {
    int routable = 0;
    for (Candidate member : members) {
      if (member.routable()) {
        routable++;
      }
    }
    int out = ejected();
    boolean now = out > Math.floor(settings.maxEjected() * routable + 1e-9);
    panic = now;
    if (now != before) {
      listener.panic(model, now, out, routable);
    }
  }

  /**
   * Median over the other workers of first tokens' observed time over the predicted; 1 when none
   * has been seen lately. What slows all of them, and what the prediction does not know, is in it.
   */
  double usualRatio(Outlier but) {
    long now = now();
    List<? extends Candidate> all = members;
    double[] ratios = new double[all.size()];
    int count = 0;
    for (Candidate member : all) {
      Outlier other = member.outlier();
      if (other != but && other.seenWithin(RECENT_NANOS, now)) {
        ratios[count++] = other.ratio();
      }
    }
    if (count == 0) {
      return 1;
    }
    Arrays.sort(ratios, 0, count);
    return count % 2 == 1 ? ratios[count / 2] : (ratios[count / 2 - 1] + ratios[count / 2]) / 2;
  }

  // For its outliers.

  ReentrantLock lock() {
    return lock;
  }

  OutlierSettings settings() {
    return settings;
  }

  OutlierListener listener() {
    return listener;
  }

  long now() {
    return clock.getAsLong();
  }

  Instant wallNow() {
    return wall.instant();
  }

  /** Under the lock. */
  double draw() {
    return random.nextDouble();
  }

  /** Under the lock, after one of its outliers has changed. */
  void changed() {
    recheckLocked();
  }

  /**
   * Under the lock. Until it is known whether that is one too many, ejections are ignored: nobody
   * may see a pool whose last worker is out.
   */
  void eject(Runnable ejection) {
    boolean before = panic;
    panic = true;
    ejection.run();
    settle(before);
  }
}

package dev.headrace.router.balance;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The router's own account of one worker: what it has been given and has not given back. It belongs
 * to the worker's identity and survives fleet updates. Any thread.
 *
 * <p>Invariant: {@code 0 <= inFlight}; every {@link Lease} that was granted is subtracted exactly
 * once.
 */
public final class WorkerLedger {
  private final String workerId;
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile int capacity;
  private volatile double weight;

  /**
   * @param capacity requests that the worker may hold at once, at least 1; {@link
   *     Integer#MAX_VALUE}: no hard cap
   * @param weight relative capacity, above 0; 1 is usual
   */
  public WorkerLedger(String workerId, int capacity, double weight) {
    this.workerId = workerId;
    update(capacity, weight);
  }

  public String workerId() {
    return workerId;
  }

  /** Applies what a fleet update changed. Requests above a lowered capacity finish undisturbed. */
  public void update(int capacity, double weight) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity must be at least 1, got " + capacity);
    }
    if (!(weight > 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException("weight must be a finite number above 0, got " + weight);
    }
    this.capacity = capacity;
    this.weight = weight;
  }

  public int inFlight() {
    return inFlight.get();
  }

  public int capacity() {
    return capacity;
  }

  public double weight() {
    return weight;
  }

  /**
   * Takes one place if exactly {@code seen} requests are in flight and the capacity allows one
   * more.
   */
  boolean tryReserve(int seen) {
    return seen < capacity && inFlight.compareAndSet(seen, seen + 1);
  }

  void giveBack() {
    int now = inFlight.decrementAndGet();
    if (now < 0) {
      throw new IllegalStateException("ledger of " + workerId + " went below zero: " + now);
    }
  }
}

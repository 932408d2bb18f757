package dev.headrace.router.dispatch;

import dev.headrace.router.balance.Lease;
import dev.headrace.router.fleet.Worker;
import dev.headrace.worker.Endpoint;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The last choices, newest over oldest. Bounded twice: in entries, and in the candidates that an
 * entry keeps. Any thread, without a lock: a writer takes the next number and overwrites the slot
 * that it falls on. Two writers a whole round apart may meet in one slot, and either stays.
 */
public final class DecisionLog {
  /** Keeps nothing. */
  public static final DecisionLog NONE = new DecisionLog(0, InstantSource.system());

  /**
   * One choice.
   *
   * @param seq grows by one with each choice that is kept
   * @param lease what became of it; null when no worker had room
   * @param seen the chosen one and its closest rivals, {@link Explanation#SHOWN} at most
   */
  public record Decision(
      long seq,
      Instant at,
      String model,
      Endpoint endpoint,
      @Nullable Lease<Worker> lease,
      Explanation seen) {

    /** The chosen worker, or null when none had room. */
    public @Nullable Worker chosen() {
      return lease == null ? null : lease.worker();
    }
  }

  private final AtomicReferenceArray<@Nullable Decision> ring;
  private final AtomicLong next = new AtomicLong();
  private final InstantSource clock;

  /**
   * @param size choices that are kept; 0: none, and nothing is spent on them
   */
  public DecisionLog(int size, InstantSource clock) {
    this.ring = new AtomicReferenceArray<>(size);
    this.clock = clock;
  }

  /** How many choices it can keep. */
  public int size() {
    return ring.length();
  }

  void add(String model, Endpoint endpoint, @Nullable Lease<Worker> lease, Explanation seen) {
    Worker chosen = lease == null ? null : lease.worker();
    long seq = next.getAndIncrement();
    ring.set(
        (int) (seq % ring.length()),
        new Decision(seq, clock.instant(), model, endpoint, lease, seen.shortened(chosen)));
  }

  /** The newest first. */
  public List<Decision> newest(int limit, Predicate<Decision> wanted) {
    List<Decision> found = new ArrayList<>();
    for (int i = 0; i < ring.length(); i++) {
      Decision decision = ring.get(i);
      if (decision != null && wanted.test(decision)) {
        found.add(decision);
      }
    }
    found.sort(Comparator.comparingLong(Decision::seq).reversed());
    return List.copyOf(found.subList(0, Math.min(limit, found.size())));
  }
}

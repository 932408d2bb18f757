package dev.headrace.router.balance;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * Round robin over the candidates in their order. Blind to everything; the base line of
 * comparisons.
 */
public final class RoundRobinPolicy implements Policy {
  private final AtomicInteger next = new AtomicInteger();

  @Override
  public String name() {
    return "round-robin";
  }

  @Override
  public int choose(Scan scan, Demand demand, RandomGenerator random, long nowNanos) {
    return Math.floorMod(next.getAndIncrement(), scan.size());
  }

  @Override
  public Outlook outlook(List<? extends Candidate> eligible, Demand demand, long nowNanos) {
    int size = eligible.size();
    int turn = Math.floorMod(next.get(), size);
    return Outlook.of(List.of(turn))
        .noting(size, i -> i == turn ? "its turn" : Math.floorMod(i - turn, size) + " before it");
  }
}

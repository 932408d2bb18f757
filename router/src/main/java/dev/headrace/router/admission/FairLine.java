package dev.headrace.router.admission;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one class, shared between tenants by deficit round robin on expected tokens
 * (Shreedhar and Varghese, 1995). A tenant whose turn it is gains {@value #QUANTUM} tokens of
 * credit; its first request in the line's order goes when the credit covers it. A tenant with
 * nothing waiting keeps no credit. Looking for the next one in vain leaves the order as it was.
 */
final class FairLine<T> {
  static final double QUANTUM = 512;

  /** Bounds the rounds that one huge request costs. */
  static final double MOST = 256 * QUANTUM;

  private static final Comparator<Ticket<?>> SHORTEST_FIRST =
      Comparator.<Ticket<?>>comparingDouble(ticket -> ticket.terms().workSeconds())
          .thenComparingLong(Ticket::number);

  /**
   * What decides at one moment who is first among the requests of one tenant.
   *
   * @param agedNanos who has waited longer than this goes before shorter ones
   */
  record Turn(Order order, long nowNanos, long agedNanos) {
    boolean aged(Ticket<?> ticket) {
      return nowNanos - ticket.terms().enteredNanos() > agedNanos;
    }
  }

  private static final class Share<T> {
    final TreeMap<Long, Ticket<T>> tickets = new TreeMap<>();
    final TreeSet<Ticket<T>> byWork = new TreeSet<>(SHORTEST_FIRST);
    final String tenant;
    double credit;

    Share(String tenant) {
      this.tenant = tenant;
    }

    @Nullable Ticket<T> first(Turn turn, Predicate<? super T> wanted) {
      Ticket<T> oldest = firstOf(tickets.values(), wanted);
      boolean byAge = turn.order() == Order.FCFS || oldest == null || turn.aged(oldest);
      return byAge ? oldest : firstOf(byWork, wanted);
    }

    void add(Ticket<T> ticket) {
      tickets.put(ticket.number(), ticket);
      byWork.add(ticket);
    }

    void remove(Ticket<T> ticket) {
      tickets.remove(ticket.number());
      byWork.remove(ticket);
    }
  }

  private final TreeMap<Long, Ticket<T>> byEntry = new TreeMap<>();
  private final Map<String, Share<T>> shares = new HashMap<>();
  private final ArrayDeque<Share<T>> ring = new ArrayDeque<>();
  private double tokens;

  void add(Ticket<T> ticket) {
    byEntry.put(ticket.number(), ticket);
    tokens += ticket.terms().tokens();
    Share<T> share = shares.get(ticket.terms().tenant());
    if (share == null) {
      share = new Share<>(ticket.terms().tenant());
      shares.put(share.tenant, share);
      ring.addLast(share);
    }
    share.add(ticket);
  }

  /** Takes it out; {@code served}: its tenant pays for it. False when it is not here. */
  boolean remove(Ticket<T> ticket, boolean served) {
    if (byEntry.remove(ticket.number()) == null) {
      return false;
    }
    tokens = byEntry.isEmpty() ? 0 : tokens - ticket.terms().tokens();
    Share<T> share = shares.get(ticket.terms().tenant());
    if (share == null) {
      throw new IllegalStateException("a ticket without a share");
    }
    share.remove(ticket);
    if (served) {
      share.credit -= cost(ticket);
    }
    if (share.tickets.isEmpty()) {
      shares.remove(share.tenant);
      ring.remove(share);
    }
    return true;
  }

  /** Whose turn it is among those that are wanted, or null. It stays here. */
  @Nullable Ticket<T> next(Turn turn, Predicate<? super T> wanted) {
    int misses = 0;
    while (misses < ring.size()) {
      Share<T> share = ring.getFirst();
      Ticket<T> ticket = share.first(turn, wanted);
      if (ticket == null) {
        misses++;
      } else if (share.credit >= cost(ticket)) {
        return ticket;
      } else {
        misses = 0;
        share.credit += QUANTUM;
      }
      ring.addLast(ring.removeFirst());
    }
    return null;
  }

  /** The one that entered first among those that are wanted, or null. */
  @Nullable Ticket<T> oldest(Predicate<? super T> wanted) {
    return firstOf(byEntry.values(), wanted);
  }

  /** The youngest of the tenant that has most waiting here, or null when nobody waits. */
  @Nullable Ticket<T> youngestOfTheBiggest() {
    return shares.values().stream()
        .max(Comparator.comparingInt((Share<T> share) -> share.tickets.size()))
        .map(share -> share.tickets.lastEntry().getValue())
        .orElse(null);
  }

  /** The youngest of all, or null when nobody waits. */
  @Nullable Ticket<T> youngest() {
    return byEntry.isEmpty() ? null : byEntry.lastEntry().getValue();
  }

  int waiting(String tenant) {
    Share<T> share = shares.get(tenant);
    return share == null ? 0 : share.tickets.size();
  }

  /** How many of a newcomer's own tenant go before it, whatever comes after it. */
  int before(Ticket.Terms terms, Turn turn) {
    Share<T> share = shares.get(terms.tenant());
    if (share == null) {
      return 0;
    }
    if (turn.order() == Order.FCFS) {
      return share.tickets.size();
    }
    int sum = 0;
    for (Ticket<T> ticket : share.byWork) {
      if (ticket.terms().workSeconds() > terms.workSeconds()) {
        break;
      }
      sum++;
    }
    return sum;
  }

  Collection<Ticket<T>> all() {
    return byEntry.values();
  }

  int size() {
    return byEntry.size();
  }

  double tokens() {
    return tokens;
  }

  private static <T> @Nullable Ticket<T> firstOf(
      Collection<Ticket<T>> tickets, Predicate<? super T> wanted) {
    for (Ticket<T> ticket : tickets) {
      if (wanted.test(ticket.holder())) {
        return ticket;
      }
    }
    return null;
  }

  private static double cost(Ticket<?> ticket) {
    return Math.min(MOST, ticket.terms().tokens());
  }
}

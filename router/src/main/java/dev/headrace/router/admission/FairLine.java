package dev.headrace.router.admission;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one class, shared between tenants by deficit round robin on expected tokens
 * (Shreedhar and Varghese, 1995). A tenant whose turn it is gains {@value #QUANTUM} tokens of
 * credit; its oldest request goes when the credit covers it. A tenant with nothing waiting keeps no
 * credit. Looking for the next one in vain leaves the order as it was.
 */
final class FairLine<T> {
  static final double QUANTUM = 512;

  /** Bounds the rounds that one huge request costs. */
  static final double MOST = 256 * QUANTUM;

  private static final class Share<T> {
    final TreeMap<Long, Ticket<T>> tickets = new TreeMap<>();
    final String tenant;
    double credit;

    Share(String tenant) {
      this.tenant = tenant;
    }

    @Nullable Ticket<T> first(Predicate<? super T> wanted) {
      for (Ticket<T> ticket : tickets.values()) {
        if (wanted.test(ticket.holder())) {
          return ticket;
        }
      }
      return null;
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
    share.tickets.put(ticket.number(), ticket);
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
    share.tickets.remove(ticket.number());
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
  @Nullable Ticket<T> next(Predicate<? super T> wanted) {
    int misses = 0;
    while (misses < ring.size()) {
      Share<T> share = ring.getFirst();
      Ticket<T> ticket = share.first(wanted);
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
    for (Ticket<T> ticket : byEntry.values()) {
      if (wanted.test(ticket.holder())) {
        return ticket;
      }
    }
    return null;
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

  Collection<Ticket<T>> all() {
    return byEntry.values();
  }

  int size() {
    return byEntry.size();
  }

  double tokens() {
    return tokens;
  }

  private static double cost(Ticket<?> ticket) {
    return Math.min(MOST, ticket.terms().tokens());
  }
}

package dev.headrace.router.admission;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait for a place at one model, bounded in length and time.
 *
 * <p>Next is the most urgent class, inside it the tenant whose turn it is, inside that the oldest,
 * or with {@link Order#SHORTEST_JOB_FIRST} the one with the least work. Every {@value
 * #AGED_EVERY}th place goes to whoever has waited longest in the less urgent classes, once that is
 * more than a quarter of the longest wait, and as large a part of the line is each class's own: no
 * class starves, and the most urgent one keeps seven eighths of the places.
 *
 * <p>Not safe for threads: its user guards it. Time is told with each call.
 */
public final class WaitingLine<T> {
  private static final int AGED_EVERY = 8;
  private static final long UNKNOWN_MILLIS = 1_000;
  private static final double LONGEST_MILLIS = 60_000;
  private static final double LONGEST_PREDICTION = 3_600;

  /**
   * @param maxQueue requests that may wait, at least 0
   * @param maxWaitNanos how long each may
   * @param order who goes first among those of one tenant and class
   */
  public record Bounds(int maxQueue, long maxWaitNanos, Order order) {
    /** Whoever has waited longer than this has aged. */
    long agedNanos() {
      return maxWaitNanos / 4;
    }
  }

  private Bounds bounds;
  private final Map<Priority, FairLine<T>> classes = new EnumMap<>(Priority.class);
  private final DrainRate rate = new DrainRate();
  private long entries;
  private long handedOut;

  public WaitingLine(Bounds bounds) {
    this.bounds = bounds;
    for (Priority priority : Priority.values()) {
      classes.put(priority, new FairLine<>());
    }
  }

  /**
   * Other bounds hold from now on, for those who wait already too; but a place in the line is not
   * taken away by a shorter line.
   */
  public void adjust(Bounds now) {
    bounds = now;
  }

  /**
   * A request comes. It enters, or is refused; another one may have to leave for it.
   *
   * @param refused gets whoever is refused, and why
   * @return true when it waits now
   */
  public boolean enter(
      Ticket<T> ticket, long nowNanos, BiConsumer<? super Ticket<T>, Refusal> refused) {
    double perSecond = rate.perSecond(nowNanos);
    int before = ahead(ticket.terms(), nowNanos);
    long wait = Double.isNaN(perSecond) ? 0 : (long) (before / perSecond * 1e9);
    if (late(ticket, nowNanos, wait)) {
      refused.accept(ticket, Refusal.DEADLINE);
      return false;
    }
    if (size() >= bounds.maxQueue()) {
      Ticket<T> victim = bounds.maxQueue() == 0 ? null : victimOf(ticket.terms());
      if (victim == null) {
        refused.accept(ticket, Refusal.FULL);
        return false;
      }
      line(victim).remove(victim, false);
      refused.accept(victim, Refusal.DISPLACED);
    } else if (size() == 0) {
      rate.start(nowNanos);
    }
    ticket.enter(entries++);
    line(ticket).add(ticket);
    return true;
  }

  /** Who of those that are wanted is next, or null. It stays in the line. */
  public @Nullable Ticket<T> next(long nowNanos, Predicate<? super T> wanted) {
    FairLine.Turn turn = turn(nowNanos);
    boolean agedTurn = (handedOut + 1) % AGED_EVERY == 0;
    for (Map.Entry<Priority, FairLine<T>> line : classes.entrySet()) {
      Ticket<T> ticket = line.getValue().next(turn, wanted);
      if (ticket != null) {
        Ticket<T> aged = agedTurn ? longestWaiting(line.getKey(), wanted) : null;
        return aged != null && turn.aged(aged) ? aged : ticket;
      }
    }
    return null;
  }

  /** This one got a place and leaves. */
  public void served(Ticket<T> ticket, long nowNanos) {
    if (line(ticket).remove(ticket, true)) {
      handedOut++;
      rate.handedOut(nowNanos);
      stopWhenEmpty(nowNanos);
    }
  }

  /** This one leaves without a place. False when it was not here any more. */
  public boolean leave(Ticket<T> ticket, long nowNanos) {
    boolean left = ticket.number() >= 0 && line(ticket).remove(ticket, false);
    if (left) {
      stopWhenEmpty(nowNanos);
    }
    return left;
  }

  /** Takes out all whose time is over. */
  public void expire(long nowNanos, BiConsumer<? super Ticket<T>, Refusal> refused) {
    for (Ticket<T> ticket : all()) {
      if (nowNanos - ticket.terms().enteredNanos() >= bounds.maxWaitNanos()) {
        leave(ticket, nowNanos);
        refused.accept(ticket, Refusal.WAIT);
      } else if (late(ticket, nowNanos, 0)) {
        leave(ticket, nowNanos);
        refused.accept(ticket, Refusal.DEADLINE);
      }
    }
  }

  /** All that wait, a copy. */
  public List<Ticket<T>> all() {
    List<Ticket<T>> all = new ArrayList<>(size());
    classes.values().forEach(line -> all.addAll(line.all()));
    return all;
  }

  public int size() {
    int sum = 0;
    for (FairLine<T> line : classes.values()) {
      sum += line.size();
    }
    return sum;
  }

  /** Time until all that wait now, and one more, should have had a place. */
  public long retryAfterMillis(long nowNanos) {
    double perSecond = rate.perSecond(nowNanos);
    if (Double.isNaN(perSecond)) {
      return UNKNOWN_MILLIS;
    }
    return (long)
        Math.ceil(Math.min(LONGEST_MILLIS, Math.max(1, (size() + 1) / perSecond * 1_000)));
  }

  /**
   * How long a newcomer would wait [s]: 0 while nobody waits; else {@code (n + 1) / μ}, at most an
   * hour. While the rate is not known, the longest wait so far of those who wait: the least that
   * can be said.
   */
  public double predictedWaitSeconds(long nowNanos) {
    if (size() == 0) {
      return 0;
    }
    double perSecond = rate.perSecond(nowNanos);
    double wait = Double.isNaN(perSecond) ? oldestSeconds(nowNanos) : (size() + 1) / perSecond;
    return Math.min(LONGEST_PREDICTION, wait);
  }

  private double oldestSeconds(long nowNanos) {
    Ticket<T> oldest = longestWaiting(null, any -> true);
    return oldest == null ? 0 : Math.max(0, nowNanos - oldest.terms().enteredNanos()) * 1e-9;
  }

  public QueueState state(String model, long nowNanos) {
    List<QueueState.ClassState> states = new ArrayList<>();
    classes.forEach(
        (priority, line) ->
            states.add(new QueueState.ClassState(priority, line.size(), line.tokens())));
    return new QueueState(
        model,
        oldestSeconds(nowNanos),
        rate.perSecond(nowNanos),
        predictedWaitSeconds(nowNanos),
        retryAfterMillis(nowNanos),
        states);
  }

  /** Among the classes less urgent than this one; null: among all. */
  private @Nullable Ticket<T> longestWaiting(
      @Nullable Priority above, Predicate<? super T> wanted) {
    Ticket<T> longest = null;
    for (Map.Entry<Priority, FairLine<T>> line : classes.entrySet()) {
      Ticket<T> oldest =
          above == null || line.getKey().compareTo(above) > 0
              ? line.getValue().oldest(wanted)
              : null;
      if (oldest != null
          && (longest == null
              || oldest.terms().enteredNanos() - longest.terms().enteredNanos() < 0)) {
        longest = oldest;
      }
    }
    return longest;
  }

  /**
   * Who has to leave a full line for this one; null: nobody. An eighth of the line is each class's
   * own, so that ageing finds somebody: what a class has beyond it goes first, of the least urgent
   * class; a more urgent class gives way only to one that has less than its own.
   */
  private @Nullable Ticket<T> victimOf(Ticket.Terms terms) {
    int share = bounds.maxQueue() / AGED_EVERY;
    boolean lacking = line(terms.priority()).size() < share;
    Priority[] priorities = Priority.values();
    for (int i = priorities.length - 1; i >= 0; i--) {
      int urgency = priorities[i].compareTo(terms.priority());
      if ((urgency > 0 || (urgency < 0 && lacking)) && line(priorities[i]).size() > share) {
        return line(priorities[i]).youngest();
      }
    }
    FairLine<T> own = line(terms.priority());
    Ticket<T> candidate = own.youngestOfTheBiggest();
    return candidate != null
            && own.waiting(candidate.terms().tenant()) >= own.waiting(terms.tenant()) + 2
        ? candidate
        : null;
  }

  private boolean late(Ticket<T> ticket, long nowNanos, long waitNanos) {
    Ticket.Terms terms = ticket.terms();
    return nowNanos + waitNanos + terms.serviceNanos() - terms.deadlineNanos() > 0;
  }

  /** How many come before a newcomer, whatever happens: the more urgent, and its tenant's own. */
  private int ahead(Ticket.Terms terms, long nowNanos) {
    int sum = line(terms.priority()).before(terms, turn(nowNanos));
    for (Map.Entry<Priority, FairLine<T>> line : classes.entrySet()) {
      if (line.getKey().compareTo(terms.priority()) < 0) {
        sum += line.getValue().size();
      }
    }
    return sum;
  }

  private FairLine.Turn turn(long nowNanos) {
    return new FairLine.Turn(bounds.order(), nowNanos, bounds.agedNanos());
  }

  private FairLine<T> line(Ticket<T> ticket) {
    return line(ticket.terms().priority());
  }

  private FairLine<T> line(Priority priority) {
    FairLine<T> line = classes.get(priority);
    if (line == null) {
      throw new IllegalStateException("no line for " + priority);
    }
    return line;
  }

  private void stopWhenEmpty(long nowNanos) {
    if (size() == 0) {
      rate.stop(nowNanos);
    }
  }
}

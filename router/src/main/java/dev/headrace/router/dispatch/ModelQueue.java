package dev.headrace.router.dispatch;

import dev.headrace.router.admission.QueueState;
import dev.headrace.router.admission.Refusal;
import dev.headrace.router.admission.Ticket;
import dev.headrace.router.admission.WaitingLine;
import dev.headrace.router.dispatch.Dispatch.NoPlace;
import dev.headrace.router.dispatch.Dispatch.Placed;
import dev.headrace.router.dispatch.Dispatch.Placement;
import dev.headrace.router.dispatch.Dispatch.Wanted;
import dev.headrace.router.dispatch.QueuedRequest.Need;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.observe.QueueMeters;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The line of one model, shared by all loops. Its lock is held for as long as it takes to find the
 * next request and a place for it, never across I/O or an answer: answers are handed to the
 * requests' own loops. While nobody waits, nobody takes it.
 */
final class ModelQueue {
  private final String model;
  private final WaitingLine<QueuedRequest> line;
  private final Supplier<WaitingLine.Bounds> bounds;
  private final Supplier<@Nullable Pool> pool;
  private final Function<Wanted, Placement> place;
  private final QueueMeters meters;
  private final LongSupplier clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<QueuedRequest, Ticket<QueuedRequest>> tickets = new HashMap<>();
  private volatile int size;
  private boolean retired;

  /**
   * @param bounds what holds now; asked before each decision
   * @param pool the workers of the model now, or null when nobody serves it
   * @param place tries to find a place at once
   */
  ModelQueue(
      String model,
      Supplier<WaitingLine.Bounds> bounds,
      Supplier<@Nullable Pool> pool,
      Function<Wanted, Placement> place,
      QueueMeters meters,
      LongSupplier clock) {
    this.model = model;
    this.bounds = bounds;
    this.line = new WaitingLine<>(bounds.get());
    this.pool = pool;
    this.place = place;
    this.meters = meters;
    this.clock = clock;
  }

  /** Requests that wait. One volatile read. */
  int size() {
    return size;
  }

  /** Takes a request, or refuses it. False: this line is no more, another one has to be made. */
  boolean enter(QueuedRequest request, Ticket.Terms terms) {
    lock.lock();
    try {
      if (retired) {
        return false;
      }
      line.adjust(bounds.get());
      Ticket<QueuedRequest> ticket = new Ticket<>(request, terms);
      tickets.put(request, ticket);
      line.enter(ticket, clock.getAsLong(), this::refused);
      // Written before the look for a place: whoever frees one after it sees that somebody waits.
      size = line.size();
      offer();
      return true;
    } finally {
      lock.unlock();
    }
  }

  void leave(QueuedRequest request) {
    lock.lock();
    try {
      Ticket<QueuedRequest> ticket = tickets.remove(request);
      if (ticket != null) {
        line.leave(ticket, clock.getAsLong());
        size = line.size();
      }
    } finally {
      lock.unlock();
    }
  }

  /** A place may have come free. */
  void freed() {
    lock.lock();
    try {
      offer();
    } finally {
      lock.unlock();
    }
  }

  /** Refuses those whose time is over, and looks for places that came without a word. */
  void tick() {
    lock.lock();
    try {
      line.adjust(bounds.get());
      line.expire(clock.getAsLong(), this::refused);
      offer();
    } finally {
      lock.unlock();
    }
  }

  void refuseAll() {
    lock.lock();
    try {
      for (Ticket<QueuedRequest> ticket : line.all()) {
        line.leave(ticket, clock.getAsLong());
        refused(ticket, Refusal.SHUTDOWN);
      }
      size = 0;
    } finally {
      lock.unlock();
    }
  }

  /** Ends this line if nobody waits in it. */
  boolean retire() {
    lock.lock();
    try {
      retired = line.size() == 0;
      return retired;
    } finally {
      lock.unlock();
    }
  }

  QueueState state() {
    lock.lock();
    try {
      return line.state(model, clock.getAsLong());
    } finally {
      lock.unlock();
    }
  }

  /** Gives places until there is none for any need. */
  private void offer() {
    line.adjust(bounds.get());
    Pool now = pool.get();
    Set<Need> inVain = new HashSet<>(2);
    while (line.size() > 0) {
      long nanos = clock.getAsLong();
      Ticket<QueuedRequest> next = line.next(nanos, one -> !inVain.contains(one.need()));
      if (next == null) {
        break;
      }
      QueuedRequest request = next.holder();
      Wanted wanted = now == null ? request.wanted() : request.wanted().in(now);
      Placement found = now == null ? gone() : place.apply(wanted);
      if (found instanceof Placed) {
        line.served(next, nanos);
        tickets.remove(request);
        request.tell(found);
      } else if (now != null && now.workers().stream().anyMatch(wanted::fits)) {
        inVain.add(request.need());
      } else {
        line.leave(next, nanos);
        tickets.remove(request);
        meters.refused(wanted.priority(), Refusal.NO_WORKER);
        request.tell(found);
      }
    }
    size = line.size();
  }

  private NoPlace gone() {
    return new NoPlace(
        ErrorCode.NO_WORKER_AVAILABLE,
        "The last worker that served the model '" + model + "' is gone.",
        BalanceDispatch.RETRY_NONE_MILLIS);
  }

  private void refused(Ticket<QueuedRequest> ticket, Refusal reason) {
    tickets.remove(ticket.holder());
    meters.refused(ticket.terms().priority(), reason);
    long retry = line.retryAfterMillis(clock.getAsLong());
    ticket.holder().tell(answer(reason, retry));
  }

  private NoPlace answer(Refusal reason, long retryMillis) {
    String all = "All workers that serve the model '" + model + "' are full";
    return switch (reason) {
      case FULL -> new NoPlace(ErrorCode.QUEUE_FULL, all + ", and so is the queue.", retryMillis);
      case DISPLACED ->
          new NoPlace(
              ErrorCode.QUEUE_FULL,
              all + ", and the place in the queue went to another request.",
              retryMillis);
      case WAIT ->
          new NoPlace(
              ErrorCode.QUEUE_TIMEOUT,
              all + ", and none had room in the time that a request may wait.",
              retryMillis);
      case DEADLINE ->
          new NoPlace(
              ErrorCode.QUEUE_TIMEOUT,
              all + ", and an answer could not begin in time any more.",
              retryMillis);
      case NO_WORKER -> gone();
      case SHUTDOWN -> new NoPlace(ErrorCode.SHUTTING_DOWN, "The router is shutting down.", 1_000);
    };
  }
}

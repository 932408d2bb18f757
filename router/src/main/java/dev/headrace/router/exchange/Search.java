package dev.headrace.router.exchange;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.balance.Ending;
import dev.headrace.router.dispatch.Dispatch;
import dev.headrace.router.dispatch.Dispatch.NoPlace;
import dev.headrace.router.dispatch.Dispatch.Placed;
import dev.headrace.router.dispatch.Dispatch.Placement;
import dev.headrace.router.dispatch.Dispatch.Waiting;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.sse.TokenUsage;
import dev.headrace.router.wire.ClientSide;
import dev.headrace.worker.Endpoint;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The search of one exchange for a worker: what it wants, whom it had already, the place that it
 * waits for. Each round of it tells its end once, unless it is cancelled. Confined to one event
 * loop.
 */
final class Search {

  /** How a round ended. */
  interface Found {
    /** A place is reserved; whoever hears this closes the lease. */
    void place(Placed placed);

    /** There is none now. */
    void noPlace(NoPlace why);

    /** Each worker that could take it has failed it; this was the last failure. */
    void exhausted(AttemptFailure last);
  }

  private final Dispatch dispatch;
  private final Executor home;
  private final Consumer<Runnable> guard;
  private final Found found;

  /** Workers that had the request, and those of them that cannot do better a second time. */
  private final Set<String> tried = new HashSet<>(4);

  private final Set<String> givenUp = new HashSet<>(4);

  private Dispatch.@Nullable Wanted wanted;
  private @Nullable Waiting waiting;
  private @Nullable AttemptFailure lastFailure;
  private boolean unreachable;
  private int round;
  private boolean searching;
  private long askedNanos;

  /**
   * @param home runs what it is given later, on this event loop
   * @param guard runs a step that comes from outside
   */
  Search(Dispatch dispatch, Executor home, Consumer<Runnable> guard, Found found) {
    this.dispatch = dispatch;
    this.home = home;
    this.guard = guard;
    this.found = found;
  }

  /** What a request wants of the dispatch. */
  static Dispatch.Wanted wanted(
      ClientSide client,
      Endpoint endpoint,
      Route to,
      @Nullable String key,
      @Nullable Priority keyPriority,
      long startedNanos) {
    Clocks clocks = to.clocks();
    long patience = to.stream() ? Math.min(clocks.firstToken(), clocks.total()) : clocks.total();
    // The header speaks before the body's user.
    String session = client.header("x-session-id");
    return new Dispatch.Wanted(
        endpoint,
        to.pool(),
        to.scan(),
        key,
        session == null || session.isEmpty() ? to.scan().user() : session,
        Set.of(),
        startedNanos + patience,
        Priority.told(client.header("x-headrace-priority"), to.scan().priorityWord(), keyPriority),
        Tally.debugs(client));
  }

  /** The first round. */
  void begin(Dispatch.Wanted first) {
    ask(first);
  }

  /** A further round, for another worker than those before. */
  void goOn(Worker failed, AttemptFailure why) {
    lastFailure = why;
    unreachable |= why.cause() == AttemptFailure.Cause.CONNECT;
    if (!why.mayPass()) {
      givenUp.add(failed.spec().key());
    }
    ask(asked().without(tried));
  }

  private void ask(Dispatch.Wanted now) {
    wanted = now;
    searching = true;
    askedNanos = System.nanoTime();
    int mine = ++round;
    Waiting asked =
        dispatch.ask(now, home, answer -> guard.accept(() -> answered(mine, now, answer)));
    if (searching && round == mine) {
      waiting = asked;
    }
  }

  private void answered(int asked, Dispatch.Wanted now, Placement answer) {
    if (!searching || round != asked) {
      if (answer instanceof Placed late) {
        late.lease().close(Ending.IGNORED);
      }
      return;
    }
    waiting = null;
    searching = false;
    if (answer instanceof Placed placed) {
      tried.add(placed.lease().worker().spec().key());
      found.place(placed);
    } else if (answer instanceof NoPlace none) {
      noPlace(now, none);
    }
  }

  /**
   * After a failure nobody else may be left. If that is because others cannot be used at all, those
   * that failed and are healthy may be asked again; where all were tried, the last failure is the
   * answer; in any other case the answer is what holds now.
   */
  private void noPlace(Dispatch.Wanted now, NoPlace none) {
    AttemptFailure failure = lastFailure;
    if (failure == null || !none.allTried()) {
      found.noPlace(none);
    } else if (now.excluded().size() > givenUp.size() && othersAreDown(now)) {
      ask(now.without(givenUp));
    } else {
      found.exhausted(failure);
    }
  }

  private boolean othersAreDown(Dispatch.Wanted now) {
    return unreachable
        || now.pool().workers().stream()
            .anyMatch(worker -> !worker.routable() || !worker.outlier().admits());
  }

  /** Ends the search, if it is not over: no place stays reserved. */
  void cancel() {
    searching = false;
    Waiting queued = waiting;
    if (queued != null) {
      waiting = null;
      queued.cancel();
    }
  }

  /** The request ended well, and used so many tokens. */
  void learn(TokenUsage usage) {
    dispatch.learn(asked(), usage);
  }

  Priority priority() {
    return asked().priority();
  }

  /** How long the last round has taken until now [ns]. */
  long waitedNanos() {
    return System.nanoTime() - askedNanos;
  }

  private Dispatch.Wanted asked() {
    Dispatch.Wanted last = wanted;
    if (last == null) {
      throw new IllegalStateException("nothing was asked yet");
    }
    return last;
  }
}

package dev.headrace.router.dispatch;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.admission.QueueState;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.router.sse.TokenUsage;
import dev.headrace.worker.Endpoint;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds a place for a request. The answer may come at once, inside the call, or later, on the same
 * event loop, when a place becomes free.
 */
public interface Dispatch {

  /**
   * What a request needs.
   *
   * @param session what its client says it belongs to, or null
   * @param excluded keys of workers that were tried already
   * @param deadlineNanos the first token is wanted by this monotonic time, or a whole answer where
   *     there is no stream
   * @param explain the client wants to know why it went where it goes
   */
  record Wanted(
      Endpoint endpoint,
      Pool pool,
      ScannedRequest scan,
      @Nullable String tenant,
      @Nullable String session,
      Set<String> excluded,
      long deadlineNanos,
      Priority priority,
      boolean explain) {
    public Wanted {
      excluded = Set.copyOf(excluded);
    }

    /** The same before the workers of another moment. */
    Wanted in(Pool now) {
      return new Wanted(
          endpoint, now, scan, tenant, session, excluded, deadlineNanos, priority, explain);
    }

    /** The same, but not on these workers. */
    public Wanted without(Set<String> workers) {
      return new Wanted(
          endpoint, pool, scan, tenant, session, workers, deadlineNanos, priority, explain);
    }

    /** True for a worker that could take it if it had room. */
    boolean fits(Worker worker) {
      return Barrier.of(worker, endpoint, excluded) == null;
    }
  }

  /** The answer. */
  sealed interface Placement {}

  /**
   * A place is reserved; whoever gets this closes the lease.
   *
   * @param seen the candidates just before the choice, where an explanation was wanted
   */
  record Placed(Lease<Worker> lease, @Nullable Explanation seen) implements Placement {}

  /**
   * No place.
   *
   * @param retryAfterMillis when it makes sense to ask again, or -1
   * @param allTried workers could take it, but each of them has failed it already
   */
  record NoPlace(ErrorCode code, String message, long retryAfterMillis, boolean allTried)
      implements Placement {
    NoPlace(ErrorCode code, String message, long retryAfterMillis) {
      this(code, message, retryAfterMillis, false);
    }
  }

  /** A request that waits. */
  interface Waiting {
    /** The client left: no answer will come, and no place stays reserved. */
    void cancel();

    /** For answers that were given inside the call. */
    Waiting OVER = () -> {};
  }

  /**
   * Asks for a place; {@code answer} is called exactly once unless the wait is cancelled.
   *
   * @param home runs what it is given later, on the event loop that asks
   */
  Waiting ask(Wanted wanted, Executor home, Consumer<Placement> answer);

  /** A request that had a place ended well, and used so many tokens. */
  void learn(Wanted wanted, TokenUsage usage);

  /** Is called by each loop while it has exchanges, a few times per second. */
  default void tick() {}

  /** The router stops: whoever waits is refused, and nobody waits any more. */
  default void stop() {}

  /** Those who wait, by model. Any thread. */
  default List<QueueState> queues() {
    return List.of();
  }

  /** Who can say what the choice would be now; null when nobody can. */
  default @Nullable Explainer explainer() {
    return null;
  }
}

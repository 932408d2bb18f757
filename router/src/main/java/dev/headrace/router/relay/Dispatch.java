package dev.headrace.router.relay;

import dev.headrace.router.balance.Lease;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.router.sse.TokenUsage;
import dev.headrace.worker.Endpoint;
import java.util.Set;
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
   * @param excluded keys of workers that were tried already
   * @param deadlineNanos after this monotonic time nobody waits for the answer
   * @param explain the client wants to know why it went where it goes
   */
  record Wanted(
      Endpoint endpoint,
      Pool pool,
      ScannedRequest scan,
      @Nullable String tenant,
      Set<String> excluded,
      long deadlineNanos,
      boolean explain) {
    public Wanted {
      excluded = Set.copyOf(excluded);
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
   */
  record NoPlace(ErrorCode code, String message, long retryAfterMillis) implements Placement {}

  /** A request that waits. */
  interface Waiting {
    /** The client left: no answer will come, and no place stays reserved. */
    void cancel();

    /** For answers that were given inside the call. */
    Waiting OVER = () -> {};
  }

  /** Asks for a place; {@code answer} is called exactly once unless the wait is cancelled. */
  Waiting ask(Wanted wanted, Consumer<Placement> answer);

  /** A request that had a place ended well, and used so many tokens. */
  void learn(Wanted wanted, TokenUsage usage);

  /** Who can say what the choice would be now; null when nobody can. */
  default @Nullable Explainer explainer() {
    return null;
  }
}

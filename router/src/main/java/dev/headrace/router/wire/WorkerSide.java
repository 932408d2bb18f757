package dev.headrace.router.wire;

import dev.headrace.worker.WorkerAddress;
import org.jspecify.annotations.Nullable;

/**
 * The way to the workers. It goes where it is told and nowhere else: redirects are answers like
 * others. Confined to one event loop.
 */
public interface WorkerSide {

  /** One request that is under way. */
  interface Call {
    /** The request is on its way, or an answer is coming. */
    boolean sent();

    /** Whether more is read from the worker; false while the client does not take what came. */
    void read(boolean wanted);

    /**
     * The answer is not wanted any more. A connection that is busy with it is closed at once.
     *
     * @param whenClosed called once that connection is closed; not called when none was in use
     */
    void abandon(@Nullable Runnable whenClosed);
  }

  /** Asks a worker; {@code answered} may be told inside the call. */
  Call ask(WorkerAddress address, Outgoing request, Answered answered);
}

package dev.headrace.router.wire;

import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.probe.LocalFault;
import io.vertx.core.AsyncResult;
import org.jspecify.annotations.Nullable;

/**
 * One request to one worker, on a kept connection if there is one, else on a fresh one.
 *
 * <p>A kept connection may be closing in the moment in which it is taken: that is how HTTP/1.1
 * works and nobody's failure. If it closes before a byte of an answer, the request goes out once
 * more, and then only on a fresh one. A fresh connection that closes is a failure.
 *
 * <p>The request is let go with the first byte of the answer. Confined to one event loop.
 */
final class WorkerCall implements WorkerSide.Call {
  private final WorkerPool pool;
  private final WorkerAddress address;
  private final Answered answered;
  private @Nullable Outgoing request;
  private @Nullable WorkerConnection connection;
  private boolean abandoned;

  WorkerCall(WorkerPool pool, WorkerAddress address, Outgoing request, Answered answered) {
    this.pool = pool;
    this.address = address;
    this.request = request;
    this.answered = answered;
  }

  Answered answered() {
    return answered;
  }

  void start() {
    WorkerConnection kept = pool.take(address);
    if (kept != null) {
      send(kept);
    } else {
      connect();
    }
  }

  /** The kept connection was closing. */
  void startAgain() {
    connection = null;
    answered.sentAgain();
    connect();
  }

  private void connect() {
    pool.connect(address).onComplete(this::connected);
  }

  private void connected(AsyncResult<WorkerConnection> made) {
    if (abandoned) {
      if (made.succeeded()) {
        // Nothing was sent on it: the next request finds it.
        pool.idle(made.result());
      }
      return;
    }
    try {
      if (made.succeeded()) {
        send(made.result());
      } else {
        Throwable cause = made.cause();
        answered.failed(
            LocalFault.is(cause) ? Answered.Failure.LOCAL : Answered.Failure.CONNECT,
            String.valueOf(cause.getMessage()));
      }
    } catch (RuntimeException e) {
      answered.faulted(e);
    }
  }

  private void send(WorkerConnection on) {
    Outgoing sending = request;
    if (sending == null) {
      throw new IllegalStateException("the request was let go");
    }
    connection = on;
    on.send(this, sending, address.basePath() + sending.path(), address.hostHeader());
  }

  /** An answer has begun. */
  void begun() {
    request = null;
  }

  @Override
  public boolean sent() {
    return connection != null;
  }

  @Override
  public void read(boolean wanted) {
    WorkerConnection used = connection;
    if (used != null) {
      used.read(this, wanted);
    }
  }

  @Override
  public void abandon(@Nullable Runnable whenClosed) {
    abandoned = true;
    request = null;
    WorkerConnection used = connection;
    if (used != null) {
      used.abandon(this, whenClosed);
    }
  }
}

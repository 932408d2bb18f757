package dev.headrace.router.exchange;

import dev.headrace.router.fleet.Worker;
import dev.headrace.worker.FailureKind;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;

/**
 * One request to one worker up to the head of its answer: connect, send head and body in one write,
 * wait.
 *
 * <p>A connection out of the pool may be closed by the worker in the moment in which it is used. If
 * it closes before any byte of an answer, the request is sent once more on another connection.
 *
 * <p>After {@link #abandon} nobody is called back. Confined to one event loop.
 */
final class WorkerCall {
  /** Failures come through the futures and the pipe; without a handler they would be logged too. */
  private static final Handler<Throwable> IGNORED = cause -> {};

  /** What becomes of it; exactly one of the two is called. */
  interface Answered {
    void head(HttpClientResponse response);

    void failed(AttemptFailure.Cause cause, FailureKind kind, String detail);
  }

  private final WorkerClient client;
  private final Worker worker;
  private final String path;
  private final MultiMap headers;
  private final Buffer body;
  private final Answered answered;
  private @Nullable HttpClientRequest request;
  private boolean abandoned;
  private boolean repeated;

  WorkerCall(
      WorkerClient client,
      Worker worker,
      String path,
      MultiMap headers,
      Buffer body,
      Answered answered) {
    this.client = client;
    this.worker = worker;
    this.path = path;
    this.headers = headers;
    this.body = body;
    this.answered = answered;
  }

  void start() {
    client
        .post(worker, path, headers)
        .onComplete(
            opened -> {
              if (opened.succeeded()) {
                opened.result().exceptionHandler(IGNORED);
              }
              if (!abandoned && opened.succeeded()) {
                send(opened.result());
              } else if (opened.succeeded()) {
                // Nothing was sent yet: this gives the connection back to the pool unharmed.
                opened.result().reset();
              } else if (!abandoned) {
                connectFailed(opened.cause());
              }
            });
  }

  private void connectFailed(Throwable cause) {
    String detail = String.valueOf(cause.getMessage());
    if (cause instanceof ConnectionPoolTooBusyException) {
      answered.failed(AttemptFailure.Cause.POOL_FULL, FailureKind.FULL, detail);
    } else {
      answered.failed(AttemptFailure.Cause.CONNECT, FailureKind.BROKEN, detail);
    }
  }

  private void send(HttpClientRequest opened) {
    request = opened;
    boolean reused = client.reuses(opened.connection());
    opened
        .send(body)
        .onComplete(
            sent -> {
              if (abandoned) {
                return;
              }
              if (sent.succeeded()) {
                answered.head(sent.result());
              } else if (reused && !repeated) {
                repeated = true;
                request = null;
                start();
              } else {
                answered.failed(
                    AttemptFailure.Cause.CLOSED_BEFORE_HEAD,
                    FailureKind.BROKEN,
                    String.valueOf(sent.cause().getMessage()));
              }
            });
  }

  /** The request is on its way, or an answer is coming. */
  boolean connected() {
    return request != null;
  }

  /**
   * The answer is not wanted any more: a connection that is busy with it is closed at once.
   *
   * @param whenClosed called once that connection is closed, if there is one
   */
  void abandon(@Nullable Runnable whenClosed) {
    abandoned = true;
    HttpClientRequest current = request;
    if (current == null) {
      return;
    }
    if (whenClosed != null) {
      client.whenClosed(current.connection(), whenClosed);
    }
    current.reset();
  }
}

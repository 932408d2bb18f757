package dev.headrace.router.relay;

import dev.headrace.router.balance.Lease;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.sse.StreamJudge;
import dev.headrace.router.sse.TokenUsage;
import dev.headrace.router.sse.UsageTail;
import dev.headrace.worker.Endpoint;
import dev.headrace.worker.FailureKind;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One try of an exchange on one worker. It holds the lease from its making to its one end, which is
 * one of: the exchange is told that it {@link Exchange#attemptFailed failed}, that its answer is
 * {@link Exchange#attemptCompleted complete} or the exchange {@link #cancel cancelled} it. Confined
 * to one event loop.
 *
 * <p>A connection out of the pool may be closed by the worker in the moment in which it is used. If
 * it closes before any byte of an answer, the try is repeated once on the same worker.
 */
final class Attempt implements StreamPipe.Listener {
  private static final int MAX_ERROR_BODY = 64 * 1024;

  /** Failures come through the futures and the pipe; without a handler they would be logged too. */
  private static final Handler<Throwable> IGNORED = cause -> {};

  private final Exchange exchange;
  private final RelayLoop loop;
  private final Lease<Worker> lease;
  private final Worker worker;
  private final String path;
  private final Buffer body;
  private final boolean usageAdded;
  private final StreamJudge.Out passOn = this::passOn;

  private final long startedNanos;
  private long activeNanos;
  private boolean over;
  private boolean replayed;
  private @Nullable HttpClientRequest request;
  private @Nullable StreamPipe pipe;
  private @Nullable StreamJudge judge;
  private @Nullable UsageTail usageTail;
  private @Nullable Buffer errorBody;
  private int status;
  private boolean content;

  Attempt(
      Exchange exchange,
      RelayLoop loop,
      Lease<Worker> lease,
      String path,
      Buffer body,
      boolean usageAdded) {
    this.exchange = exchange;
    this.loop = loop;
    this.lease = lease;
    this.worker = lease.worker();
    this.path = path;
    this.body = body;
    this.usageAdded = usageAdded;
    this.startedNanos = System.nanoTime();
    this.activeNanos = startedNanos;
  }

  void start() {
    loop.client()
        .post(worker, path, exchange.headersFor(worker))
        .onComplete(
            opened -> {
              if (over) {
                if (opened.succeeded()) {
                  opened.result().exceptionHandler(IGNORED);
                  // Nothing was sent yet: this gives the connection back to the pool unharmed.
                  opened.result().reset();
                }
              } else if (opened.succeeded()) {
                send(opened.result());
              } else {
                connectFailed(opened.cause());
              }
            });
  }

  private void connectFailed(Throwable cause) {
    boolean poolFull = cause instanceof ConnectionPoolTooBusyException;
    if (!poolFull) {
      loop.shared().signals().connectFailed(worker, String.valueOf(cause.getMessage()));
    }
    fail(
        poolFull ? AttemptFailure.Cause.POOL_FULL : AttemptFailure.Cause.CONNECT,
        poolFull ? FailureKind.FULL : FailureKind.BROKEN,
        String.valueOf(cause.getMessage()));
  }

  private void send(HttpClientRequest opened) {
    request = opened;
    opened.exceptionHandler(IGNORED);
    boolean reused = loop.client().reuses(opened.connection());
    opened
        .send(body)
        .onComplete(
            answered -> {
              if (over) {
                return;
              }
              if (answered.succeeded()) {
                head(answered.result());
              } else if (reused && !replayed) {
                replayed = true;
                request = null;
                start();
              } else {
                fail(
                    AttemptFailure.Cause.CLOSED_BEFORE_HEAD,
                    FailureKind.BROKEN,
                    String.valueOf(answered.cause().getMessage()));
              }
            });
  }

  private void head(HttpClientResponse response) {
    activeNanos = System.nanoTime();
    status = response.statusCode();
    Endpoint endpoint = exchange.endpoint();
    StreamPipe flow = new HttpStreamPipe(loop.context(), response, exchange.reply());
    pipe = flow;
    if (status < 200 || status > 299) {
      errorBody = Buffer.buffer();
    } else if (ForwardedHeaders.isEventStream(response.headers())) {
      judge = new StreamJudge(worker.engine().streamEnd(endpoint), usageAdded);
    } else if (exchange.reply().begun()) {
      // The client was promised a stream already, by comment lines.
      fail(AttemptFailure.Cause.NOT_A_STREAM, FailureKind.BROKEN, "answered without a stream");
      return;
    } else {
      usageTail = new UsageTail();
      exchange.beginBody(status, response.headers());
    }
    flow.open(this);
  }

  @Override
  public void arrived(Buffer bytes) {
    long now = System.nanoTime();
    Buffer error = errorBody;
    StreamJudge watching = judge;
    if (error != null) {
      activeNanos = now;
      error.appendBuffer(bytes, 0, Math.min(bytes.length(), MAX_ERROR_BODY - error.length()));
      if (error.length() == MAX_ERROR_BODY) {
        answeredWithError(error);
      }
    } else if (watching == null) {
      activeNanos = now;
      passWithoutFrames(bytes, now);
    } else {
      int length = bytes.length();
      byte[] array = loop.scratch(length);
      bytes.getBytes(0, length, array, 0);
      judge(watching, array, length, now);
    }
  }

  private void passWithoutFrames(Buffer bytes, long now) {
    UsageTail tail = usageTail;
    if (tail != null) {
      int length = bytes.length();
      byte[] array = loop.scratch(length);
      bytes.getBytes(0, length, array, 0);
      tail.add(array, 0, length);
    }
    if (!content) {
      content = true;
      exchange.firstContent(now);
    }
    flow().send(bytes);
  }

  private void judge(StreamJudge watching, byte[] bytes, int length, long now) {
    int frames = watching.dataFrames();
    int contentFrames = watching.contentFrames();
    watching.feed(bytes, 0, length, passOn);
    if (watching.dataFrames() != frames) {
      long before = activeNanos;
      activeNanos = now;
      if (watching.contentFrames() != contentFrames) {
        if (content) {
          exchange.nextContent(now - before);
        } else {
          content = true;
          exchange.firstContent(now);
        }
      }
    }
    String error = watching.error();
    if (error != null) {
      errorEvent(error);
    }
  }

  private void passOn(byte[] bytes, int from, int to) {
    exchange.beginStream();
    StreamJudge watching = judge;
    if (watching != null && watching.dataFrames() > 0) {
      exchange.commit();
    }
    flow().send(bytes, from, to);
  }

  private void errorEvent(String json) {
    FailureKind kind = worker.engine().streamFailure(json);
    AttemptFailure failure =
        new AttemptFailure(
            AttemptFailure.Cause.ERROR_EVENT, kind, 0, json, "error event in the stream");
    conclude(failure, true);
  }

  @Override
  public void ended() {
    Buffer error = errorBody;
    StreamJudge watching = judge;
    if (error != null) {
      answeredWithError(error);
    } else if (watching == null) {
      complete();
    } else {
      watching.finish(passOn);
      String event = watching.error();
      if (event != null) {
        errorEvent(event);
      } else if (watching.whole()) {
        complete();
      } else {
        truncated("the stream ended without its end mark");
      }
    }
  }

  @Override
  public void broke(Throwable cause) {
    Buffer error = errorBody;
    StreamJudge watching = judge;
    if (error != null) {
      answeredWithError(error);
    } else if (watching != null && watching.whole()) {
      complete();
    } else {
      truncated("the connection broke: " + cause.getMessage());
    }
  }

  private void truncated(String detail) {
    exchange.countTruncated();
    conclude(
        new AttemptFailure(AttemptFailure.Cause.TRUNCATED, FailureKind.BROKEN, 0, null, detail),
        false);
  }

  private void answeredWithError(Buffer bytes) {
    String text = bytes.toString(StandardCharsets.UTF_8);
    FailureKind kind = worker.engine().failure(status, text);
    conclude(
        new AttemptFailure(
            AttemptFailure.Cause.STATUS, kind, status, text, "answered with status " + status),
        bytes.length() == MAX_ERROR_BODY);
  }

  private void fail(AttemptFailure.Cause cause, FailureKind kind, String detail) {
    conclude(new AttemptFailure(cause, kind, 0, null, detail), true);
  }

  /** The one end with a failure; {@code reset} when the worker may still be busy with it. */
  private void conclude(AttemptFailure failure, boolean reset) {
    if (over) {
      return;
    }
    StreamPipe flow = pipe;
    if (flow != null) {
      flow.flush();
      flow.close();
    }
    release(reset);
    if (failure.kind().retryable() && failure.cause() != AttemptFailure.Cause.CONNECT) {
      loop.shared().signals().failed(worker, failure.kind(), failure.detail());
    }
    loop.shared().meters().attempt(failure.cause().label());
    exchange.attemptFailed(this, failure);
  }

  /** The stream is whole or the body is. */
  private void complete() {
    if (over) {
      return;
    }
    StreamPipe flow = flow();
    release(false);
    loop.shared().signals().succeeded(worker);
    loop.shared().meters().attempt("ok");
    exchange.beginStreamIfEmpty(judge != null);
    flow.end();
    exchange.attemptCompleted(this);
  }

  /**
   * Gives the worker up: its connection is closed at once when it may be busy with this request.
   *
   * @param whenClosed called once the worker's connection is closed, if one was in use; may be null
   */
  void cancel(@Nullable Runnable whenClosed) {
    if (over) {
      return;
    }
    HttpClientRequest current = request;
    if (whenClosed != null && current != null) {
      HttpConnection connection = current.connection();
      loop.client().whenClosed(connection, whenClosed);
    }
    StreamPipe flow = pipe;
    if (flow != null) {
      flow.close();
    }
    release(true);
    loop.shared().meters().attempt("cancelled");
  }

  private void release(boolean reset) {
    over = true;
    lease.close();
    HttpClientRequest current = request;
    if (reset && current != null) {
      current.reset();
    }
  }

  private StreamPipe flow() {
    StreamPipe flow = pipe;
    if (flow == null) {
      throw new IllegalStateException("no answer is flowing");
    }
    return flow;
  }

  /** Looks at the clocks that this try owns; null while they run. */
  @Nullable ErrorCode ranOut(long now, Clocks clocks, boolean stream) {
    StreamPipe flow = pipe;
    if (flow != null && flow.clientIsSlow()) {
      activeNanos = now;
      return null;
    }
    if (stream && !content) {
      return now - startedNanos > clocks.firstToken() ? ErrorCode.FIRST_TOKEN_TIMEOUT : null;
    }
    return flow != null && now - activeNanos > clocks.idle() ? ErrorCode.IDLE_TIMEOUT : null;
  }

  /** The end mark came, and still the worker does not end the body. */
  void endIfWhole(long now, long patience) {
    StreamJudge watching = judge;
    if (watching != null && watching.whole() && now - activeNanos > patience && !over) {
      HttpClientRequest current = request;
      complete();
      if (current != null) {
        current.reset();
      }
    }
  }

  /** For the timeout's sake the worker is to blame. */
  void blame(ErrorCode code) {
    loop.shared().signals().failed(worker, FailureKind.BROKEN, code.code());
  }

  /** True while a comment line may be put between the frames. */
  boolean betweenFrames() {
    StreamPipe flow = pipe;
    StreamJudge watching = judge;
    return flow == null
        || (errorBody == null
            && watching != null
            && !watching.insideFrame()
            && !flow.clientIsSlow());
  }

  /** What went out ends in the middle of a frame. */
  boolean insideFrame() {
    StreamJudge watching = judge;
    return watching != null && watching.insideFrame();
  }

  void flush() {
    StreamPipe flow = pipe;
    if (flow != null) {
      flow.flush();
    }
  }

  Worker worker() {
    return worker;
  }

  /** Where the exchange stands, as the label of the cancel metric. */
  String stage() {
    StreamPipe flow = pipe;
    if (request == null) {
      return "connecting";
    }
    if (flow != null && flow.clientIsSlow()) {
      return "blocked";
    }
    return content ? "streaming" : "prefill";
  }

  /** Number of data frames so far. */
  int frames() {
    StreamJudge watching = judge;
    return watching == null ? 0 : watching.dataFrames();
  }

  /** Tokens as the worker told them, or as far as they were seen. */
  TokenUsage usage() {
    StreamJudge watching = judge;
    if (watching != null) {
      TokenUsage told = watching.usage();
      return told.completion() >= 0
          ? told
          : new TokenUsage(told.prompt(), watching.contentFrames(), told.cached());
    }
    TokenUsage told = usageTail == null ? null : usageTail.usage();
    return told == null ? TokenUsage.UNKNOWN : told;
  }
}

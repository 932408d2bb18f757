package dev.headrace.router.exchange;

import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.sse.StreamJudge;
import dev.headrace.router.sse.TokenUsage;
import dev.headrace.router.sse.UsageTail;
import dev.headrace.worker.Endpoint;
import dev.headrace.worker.FailureKind;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One try of an exchange on one worker. It holds the lease from its making to its one end, which is
 * one of: the exchange is told that it {@link Exchange#attemptFailed failed}, that its answer is
 * {@link Exchange#attemptCompleted complete} or the exchange {@link #cancel cancelled} it. Confined
 * to one event loop.
 */
final class Attempt implements StreamPipe.Listener, WorkerCall.Answered {
  private static final int MAX_ERROR_BODY = 64 * 1024;

  private final Exchange exchange;
  private final RelayLoop loop;
  private final Lease<Worker> lease;
  private final Worker worker;
  private final WorkerCall call;
  private final boolean usageAdded;
  private final StreamJudge.Out passOn = this::passOn;

  private final Progress progress = new Progress();
  private boolean over;
  private @Nullable StreamPipe pipe;
  private @Nullable StreamJudge judge;
  private @Nullable UsageTail usageTail;
  private boolean blamed;
  private @Nullable Buffer errorBody;
  private int status;

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
    this.call =
        new WorkerCall(loop.client(), worker, path, exchange.headersFor(worker), body, this);
    this.usageAdded = usageAdded;
  }

  void start() {
    call.start();
  }

  @Override
  public void failed(AttemptFailure.Cause cause, FailureKind kind, String detail) {
    if (cause == AttemptFailure.Cause.CONNECT) {
      loop.shared().signals().connectFailed(worker, detail);
    }
    fail(cause, kind, detail);
  }

  @Override
  public void head(HttpClientResponse response) {
    progress.active(System.nanoTime());
    status = response.statusCode();
    LoadHeaders.read(response.headers(), worker);
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
      progress.active(now);
      error.appendBuffer(bytes, 0, Math.min(bytes.length(), MAX_ERROR_BODY - error.length()));
      if (error.length() == MAX_ERROR_BODY) {
        answeredWithError(error);
      }
    } else if (watching == null) {
      progress.active(now);
      passWithoutFrames(bytes, now);
    } else {
      judge(watching, copied(bytes), bytes.length(), now);
    }
  }

  private void passWithoutFrames(Buffer bytes, long now) {
    UsageTail tail = usageTail;
    if (tail != null) {
      tail.add(copied(bytes), 0, bytes.length());
    }
    if (progress.firstContent()) {
      exchange.tally().firstContent(now);
    }
    flow().send(bytes);
  }

  /** The chunk in the loop's own array: nothing is allocated for looking at it. */
  private byte[] copied(Buffer bytes) {
    byte[] array = loop.scratch(bytes.length());
    bytes.getBytes(0, bytes.length(), array, 0);
    return array;
  }

  private void judge(StreamJudge watching, byte[] bytes, int length, long now) {
    int frames = watching.dataFrames();
    int contentFrames = watching.contentFrames();
    watching.feed(bytes, 0, length, passOn);
    if (watching.dataFrames() != frames) {
      long before = progress.active(now);
      if (watching.contentFrames() != contentFrames) {
        lease.tokens(watching.contentFrames() - contentFrames, now);
        if (progress.firstContent()) {
          exchange.tally().firstContent(now);
        } else {
          exchange.tally().nextContent(now - before);
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
    exchange.tally().truncated();
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
    release(reset, AttemptFailure.ending(failure.kind()));
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
    release(false, Ending.SUCCEEDED);
    loop.shared().signals().succeeded(worker);
    loop.shared().meters().attempt("ok");
    if (judge != null) {
      // A stream without a single byte still needs its head.
      exchange.beginStream();
    }
    exchange.completing(this);
    flow.end();
    exchange.attemptCompleted(this, status);
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
    StreamPipe flow = pipe;
    if (flow != null) {
      flow.close();
    }
    over = true;
    lease.close(blamed ? Ending.FAILED : Ending.IGNORED);
    call.abandon(whenClosed);
    loop.shared().meters().attempt("cancelled");
  }

  private void release(boolean reset, Ending ending) {
    over = true;
    lease.close(ending);
    if (reset) {
      call.abandon(null);
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
    if (stream) {
      lease.checkOverdue(now);
    } else {
      lease.presumePrefilled(now);
    }
    StreamPipe flow = pipe;
    if (flow != null && flow.clientIsSlow()) {
      progress.active(now);
      return null;
    }
    return progress.ranOut(now, clocks, stream, flow != null);
  }

  /** The end mark came, and still the worker does not end the body. */
  void endIfWhole(long now, long patience) {
    StreamJudge watching = judge;
    if (watching != null && watching.whole() && progress.silentFor(patience, now) && !over) {
      complete();
      call.abandon(null);
    }
  }

  /** For the timeout's sake the worker is to blame. */
  void blame(ErrorCode code) {
    blamed = true;
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
    if (!call.connected()) {
      return "connecting";
    }
    if (flow != null && flow.clientIsSlow()) {
      return "blocked";
    }
    return progress.content() ? "streaming" : "prefill";
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
      return watching.usageOrSeen();
    }
    TokenUsage told = usageTail == null ? null : usageTail.usage();
    return told == null ? TokenUsage.UNKNOWN : told;
  }
}

package dev.headrace.router.exchange;

import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.exchange.AttemptFailure.Cause;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.sse.StreamJudge;
import dev.headrace.router.sse.TokenUsage;
import dev.headrace.router.sse.UsageTail;
import dev.headrace.router.wire.Answered;
import dev.headrace.router.wire.ClientSide;
import dev.headrace.router.wire.Fields;
import dev.headrace.router.wire.Outgoing;
import dev.headrace.router.wire.WorkerSide;
import dev.headrace.worker.FailureKind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One try of an exchange on one worker: it holds the lease and the call, reads the answer, and lets
 * its bytes go on to the client. What follows from it the {@link Exchange} decides, which also ends
 * it, through {@link #release} alone. Confined to one event loop.
 */
final class Attempt implements Answered {
  private static final int MAX_ERROR_BODY = 64 * 1024;

  /** What the worker's answer is. */
  private enum Kind {
    /** There is no head yet. */
    NONE,
    /** The body says why not. */
    ERROR,
    /** An event stream, judged frame by frame. */
    STREAM,
    /** A stream was asked for and the head promises something else: the first bytes tell. */
    PERHAPS_STREAM,
    /** Anything else that is good; it goes on as it is. */
    BODY
  }

  private final Exchange exchange;
  private final ClientSide client;
  private final Lease<Worker> lease;
  private final boolean stream;
  private final StreamJudge.Out passOn = this::passOn;
  private final long startedNanos = System.nanoTime();
  private long activeNanos = startedNanos;
  private long nowNanos = startedNanos;
  private WorkerSide.@Nullable Call call;
  private boolean usageAdded;

  private Kind kind = Kind.NONE;
  private int status;
  private @Nullable Fields fields;
  private boolean chunked;
  private @Nullable StreamJudge judge;
  private @Nullable UsageTail usageTail;
  private @Nullable ByteArrayOutputStream errorBody;
  private @Nullable ByteArrayOutputStream beginning;
  private boolean content;
  private boolean held;
  private boolean over;
  private final Portion portion = new Portion();

  /**
   * @param stream an event stream is asked for
   */
  Attempt(Exchange exchange, ClientSide client, Lease<Worker> lease, boolean stream) {
    this.exchange = exchange;
    this.client = client;
    this.lease = lease;
    this.stream = stream;
  }

  /**
   * Must be called once at most.
   *
   * @param addedUsage only the router asked for the usage chunk
   */
  void start(WorkerSide workers, Outgoing request, boolean addedUsage) {
    usageAdded = addedUsage;
    WorkerSide.Call started = workers.ask(worker().spec().address(), request, this);
    if (over) {
      started.abandon(null);
    } else {
      call = started;
    }
  }

  Worker worker() {
    return lease.worker();
  }

  /**
   * The end: gives the lease back, and the connection unless the answer on it is whole.
   *
   * @param whenClosed called once that connection is closed, if one was busy with it
   */
  void release(Ending ending, @Nullable Runnable whenClosed) {
    if (over) {
      return;
    }
    over = true;
    try {
      lease.close(ending);
    } finally {
      WorkerSide.Call current = call;
      if (current != null) {
        current.abandon(whenClosed);
      }
    }
  }

  // What the wire tells.

  @Override
  public void sentAgain() {
    exchange.sentAgain();
  }

  @Override
  public void head(int told, Fields lines, boolean inChunks) {
    if (over) {
      return;
    }
    activeNanos = System.nanoTime();
    status = told;
    fields = lines;
    chunked = inChunks;
    LoadHeaders.read(lines, worker());
    if (told < 200 || told > 299) {
      kind = Kind.ERROR;
      errorBody = new ByteArrayOutputStream();
    } else if (ForwardedHeaders.isEventStream(lines)) {
      judged();
    } else {
      kind = stream ? Kind.PERHAPS_STREAM : Kind.BODY;
    }
  }

  private void judged() {
    kind = Kind.STREAM;
    judge = new StreamJudge(worker().engine().streamEnd(exchange.endpoint()), usageAdded);
  }

  @Override
  public void content(byte[] array, int count, ByteBuf buffer, int start, int end) {
    if (over) {
      return;
    }
    nowNanos = System.nanoTime();
    portion.hold(array, count, buffer, start, end);
    if (kind == Kind.PERHAPS_STREAM) {
      decide(array, count);
    }
    switch (kind) {
      case STREAM -> judge(nowNanos);
      case BODY -> pass(nowNanos);
      case PERHAPS_STREAM -> activeNanos = nowNanos;
      default -> error(nowNanos);
    }
    portion.letGo();
    if (!over && client.full()) {
      hold(true);
    }
  }

  /**
   * Looks at the first bytes of a body that may be an event stream after all. While there are too
   * few of them to tell, they are held.
   */
  private void decide(byte[] array, int count) {
    byte[] all = array;
    int size = count;
    ByteArrayOutputStream before = beginning;
    if (before != null) {
      before.write(array, 0, count);
      all = before.toByteArray();
      size = all.length;
      portion.hold(all, size, Unpooled.EMPTY_BUFFER, -1, -1);
    }
    switch (EventStart.of(all, size)) {
      case YES -> judged();
      case NO -> kind = Kind.BODY;
      case UNKNOWN -> {
        if (before == null) {
          before = new ByteArrayOutputStream();
          before.write(array, 0, count);
          beginning = before;
        }
      }
    }
  }

  private void error(long now) {
    ByteArrayOutputStream error = errorBody;
    if (error == null) {
      throw new IllegalStateException("no error is being read");
    }
    activeNanos = now;
    error.write(portion.bytes(), 0, Math.min(portion.length(), MAX_ERROR_BODY - error.size()));
    if (error.size() == MAX_ERROR_BODY) {
      answeredWithError();
    }
  }

  private void judge(long now) {
    StreamJudge watching = judging();
    int frames = watching.dataFrames();
    int contentFrames = watching.contentFrames();
    watching.feed(portion.bytes(), 0, portion.length(), passOn);
    if (watching.insideFrame()) {
      activeNanos = now;
    }
    if (watching.dataFrames() != frames) {
      long before = activeNanos;
      activeNanos = now;
      if (watching.contentFrames() != contentFrames) {
        lease.tokens(watching.contentFrames() - contentFrames, now);
        exchange.tally().content(now, content ? now - before : -1);
        content = true;
      }
    }
    String error = watching.error();
    if (error != null) {
      errorEvent(error);
    }
  }

  private void passOn(byte[] passed, int start, int end) {
    exchange.beginStream(nowNanos);
    if (judging().dataFrames() > 0) {
      exchange.commit();
    }
    portion.pass(passed, start, end, chunked, client);
  }

  private void pass(long now) {
    activeNanos = now;
    if (usageTail == null) {
      if (client.begun()) {
        // The client was promised a stream already, by comment lines.
        fail(Cause.NOT_A_STREAM, FailureKind.BROKEN, "answered without a stream");
        return;
      }
      usageTail = new UsageTail();
      beginBody();
    }
    usageTail.add(portion.bytes(), 0, portion.length());
    if (!content) {
      content = true;
      exchange.tally().content(now, -1);
    }
    portion.passAll(chunked, client);
  }

  private void beginBody() {
    Fields lines = fields;
    if (lines == null) {
      throw new IllegalStateException("there is no head");
    }
    exchange.beginBody(status, lines, chunked ? -1 : ForwardedHeaders.contentLength(lines));
  }

  private void errorEvent(String json) {
    conclude(
        new AttemptFailure(
            Cause.ERROR_EVENT,
            worker().engine().streamFailure(json),
            0,
            json,
            "error event in the stream"));
  }

  @Override
  public void readComplete() {
    client.flush();
  }

  @Override
  public void ended() {
    if (over) {
      return;
    }
    switch (kind) {
      case ERROR -> answeredWithError();
      case STREAM -> endStream();
      default -> {
        ByteArrayOutputStream few = beginning;
        if (kind == Kind.PERHAPS_STREAM && few != null) {
          kind = Kind.BODY;
          portion.hold(few.toByteArray(), few.size(), Unpooled.EMPTY_BUFFER, -1, -1);
          pass(System.nanoTime());
          portion.letGo();
        }
        if (over) {
          return;
        }
        if (usageTail == null) {
          if (client.begun()) {
            fail(Cause.NOT_A_STREAM, FailureKind.BROKEN, "answered without a stream");
            return;
          }
          beginBody();
        }
        exchange.attemptCompleted(this, status);
      }
    }
  }

  private void endStream() {
    StreamJudge watching = judging();
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

  private void complete() {
    // A stream without a single byte still needs its head.
    exchange.beginStream(System.nanoTime());
    exchange.attemptCompleted(this, status);
  }

  @Override
  public void failed(Failure failure, String detail) {
    if (over) {
      return;
    }
    switch (failure) {
      case CONNECT -> {
        exchange.connectFailed(worker(), detail);
        fail(Cause.CONNECT, FailureKind.BROKEN, detail);
      }
      case LOCAL -> fail(Cause.LOCAL, FailureKind.FULL, detail);
      case CLOSED -> fail(Cause.CLOSED_BEFORE_HEAD, FailureKind.BROKEN, detail);
      case BROKEN -> {
        StreamJudge watching = judge;
        if (kind == Kind.ERROR) {
          answeredWithError();
        } else if (watching != null && watching.whole()) {
          complete();
        } else {
          truncated(detail);
        }
      }
    }
  }

  @Override
  public void faulted(RuntimeException fault) {
    exchange.faulted(fault);
  }

  private void truncated(String detail) {
    exchange.tally().truncated();
    fail(Cause.TRUNCATED, FailureKind.BROKEN, detail);
  }

  private void answeredWithError() {
    ByteArrayOutputStream error = errorBody;
    String text = error == null ? "" : error.toString(StandardCharsets.UTF_8);
    // A redirect, which is never followed, is no answer that a worker gives.
    FailureKind why = status < 400 ? FailureKind.BROKEN : worker().engine().failure(status, text);
    conclude(new AttemptFailure(Cause.STATUS, why, status, text, "answered with status " + status));
  }

  private void fail(Cause cause, FailureKind why, String detail) {
    conclude(AttemptFailure.of(cause, why, detail));
  }

  private void conclude(AttemptFailure failure) {
    if (!over) {
      exchange.attemptFailed(this, failure);
    }
  }

  // What the exchange asks.

  /** The client takes bytes again. */
  void drained() {
    if (held && !client.full()) {
      hold(false);
    }
  }

  private void hold(boolean hold) {
    WorkerSide.Call current = call;
    if (held != hold && current != null) {
      held = hold;
      current.read(!hold);
    }
  }

  /** Looks at the clocks that this try owns; null while they run. */
  @Nullable ErrorCode ranOut(long now, Clocks clocks) {
    if (stream) {
      lease.checkOverdue(now);
    } else {
      lease.presumePrefilled(now);
    }
    if (held) {
      // What the client does not take is not the worker's silence.
      activeNanos = now;
      return null;
    }
    if (stream && !content) {
      return now - startedNanos > clocks.firstToken() ? ErrorCode.FIRST_TOKEN_TIMEOUT : null;
    }
    return kind != Kind.NONE && now - activeNanos > clocks.idle() ? ErrorCode.IDLE_TIMEOUT : null;
  }

  /** The end mark came, and still the worker does not end the body. */
  void endIfWhole(long now, long patience) {
    StreamJudge watching = judge;
    if (watching != null && watching.whole() && now - activeNanos > patience && !over) {
      complete();
    }
  }

  /** True while a comment line may be put between the frames. */
  boolean betweenFrames() {
    StreamJudge watching = judge;
    return !held
        && switch (kind) {
          case NONE -> true;
          case STREAM -> watching != null && !watching.insideFrame();
          default -> false;
        };
  }

  /** What went out ends in the middle of a frame. */
  boolean insideFrame() {
    StreamJudge watching = judge;
    return watching != null && watching.insideFrame();
  }

  /** Where it stands, as the label of the cancel metric. */
  String stage() {
    WorkerSide.Call current = call;
    if (current == null || !current.sent()) {
      return "connecting";
    }
    return held ? "blocked" : content ? "streaming" : "prefill";
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

  private StreamJudge judging() {
    StreamJudge watching = judge;
    if (watching == null) {
      throw new IllegalStateException("no stream is being read");
    }
    return watching;
  }
}

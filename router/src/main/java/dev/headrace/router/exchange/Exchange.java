package dev.headrace.router.exchange;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.balance.Ending;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.dispatch.Dispatch;
import dev.headrace.router.dispatch.Dispatch.NoPlace;
import dev.headrace.router.dispatch.Dispatch.Placed;
import dev.headrace.router.dispatch.Dispatch.Placement;
import dev.headrace.router.dispatch.Dispatch.Waiting;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.limit.LimitRefusal;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.router.sse.TokenUsage;
import dev.headrace.worker.Endpoint;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One client request with all its attempts, from its head to the last byte of its answer.
 *
 * <pre>
 * RECEIVING ─▶ QUEUED ─▶ TRYING ─▶ OVER
 *                 ▲         │
 *                 └─────────┘ another worker, while nothing of an answer went to the client
 * </pre>
 *
 * <ul>
 *   <li>RECEIVING: the body arrives, within its bound and its deadline.
 *   <li>QUEUED: the dispatch looks for a place.
 *   <li>TRYING: one {@link Attempt} is under way and holds the lease. Once it is <i>committed</i>
 *       (a byte of the worker's answer went out; comment lines do not count) there is no other
 *       worker any more, and the request body is let go.
 *   <li>OVER: reached exactly once, through {@link #settle}, with one {@link Outcome}. Everything
 *       that counts is counted there; whatever happens later finds nothing to do.
 * </ul>
 *
 * Confined to one event loop.
 */
public final class Exchange {
  private static final Logger LOG = Logger.getLogger(Exchange.class.getName());

  /** How long a worker may keep a body open after its end mark. */
  private static final long END_PATIENCE = TimeUnit.SECONDS.toNanos(1);

  private static final CharSequence PRIORITY = HttpHeaders.createOptimized("x-headrace-priority");
  private static final int CLIENT_CLOSED_REQUEST = 499;
  private static final CharSequence SESSION_ID = HttpHeaders.createOptimized("x-session-id");

  private enum State {
    RECEIVING,
    QUEUED,
    TRYING,
    OVER
  }

  private final RelayLoop loop;
  private final RelayLoop.Shared shared;
  private final HttpServerRequest request;
  private final Reply reply;
  private final FailureReply failure;
  private final Endpoint endpoint;
  private final @Nullable String key;
  private final RequestBody body;
  private final Intake intake;
  private final Tally tally;
  private final KeepAlive keepAlive;
  private final LimitGate gate;
  private final Set<String> tried = new HashSet<>(4);

  private State state = State.RECEIVING;
  private @Nullable Route route;
  private @Nullable Waiting waiting;
  private Dispatch.@Nullable Wanted wanted;
  private @Nullable Attempt attempt;
  private @Nullable AttemptFailure lastFailure;
  private boolean committed;
  private long askedNanos;

  /**
   * @param key name of the client's API key, or null
   */
  public Exchange(
      RelayLoop loop,
      HttpServerRequest request,
      Reply reply,
      Endpoint endpoint,
      @Nullable String key) {
    this.loop = loop;
    this.shared = loop.shared();
    this.request = request;
    this.reply = reply;
    this.failure = new FailureReply(reply, endpoint);
    this.endpoint = endpoint;
    this.key = key;
    this.body = new RequestBody(shared.config().limits().maxBody(), shared.bounds());
    this.intake = new Intake(shared, request, endpoint, body, new Arrival());
    this.tally = new Tally(shared, endpoint, reply.requestId(), key);
    this.keepAlive =
        new KeepAlive(
            shared.config().defaults().keepAliveComment().toNanos(), tally.startedNanos());
    this.gate = LimitGate.of(shared.limits(), key, endpoint);
  }

  /** Begins. Must be called in the handler of the request, before any of its body is read. */
  public void start() {
    loop.add(this);
    request.response().exceptionHandler(gone -> clientGone());
    request.response().closeHandler(gone -> clientGone());
    request.exceptionHandler(gone -> clientGone());
    LimitRefusal refusal = gate.enter(reply);
    if (refusal == null) {
      intake.start();
    } else {
      refuse(refusal);
    }
  }

  /** Takes what the intake found. */
  private final class Arrival implements Intake.Found {
    @Override
    public void routed(Route found) {
      if (state == State.RECEIVING) {
        route = found;
        tally.routed(found.pool().model(), found.stream());
        guarded(Exchange.this::admit);
      }
    }

    @Override
    public void refused(
        ErrorCode code, String message, @Nullable String param, long retryAfterMillis) {
      refuse(code, message, param, retryAfterMillis);
    }
  }

  /** With the body read, the tokens that it may take are known. */
  private void admit() {
    LimitRefusal refusal = gate.reserve(route(), shared.dispatch().explainer());
    if (refusal == null) {
      ask();
    } else {
      refuse(refusal);
    }
  }

  private void ask() {
    Route to = route();
    state = State.QUEUED;
    askedNanos = System.nanoTime();
    Clocks clocks = to.clocks();
    long patience = to.stream() ? Math.min(clocks.firstToken(), clocks.total()) : clocks.total();
    long arrived = tally.startedNanos();
    Dispatch.Wanted asking =
        new Dispatch.Wanted(
            endpoint,
            to.pool(),
            to.scan(),
            key,
            session(to.scan()),
            tried,
            arrived + patience,
            arrived,
            Priority.told(request.getHeader(PRIORITY), to.scan().priorityWord(), gate.priority()),
            debugs());
    wanted = asking;
    Waiting asked = shared.dispatch().ask(asking, answer -> guarded(() -> answered(answer)));
    if (state == State.QUEUED) {
      waiting = asked;
    }
  }

  /** The header speaks before the body's {@code user}. */
  private @Nullable String session(ScannedRequest scan) {
    String header = request.getHeader(SESSION_ID);
    return header == null || header.isEmpty() ? scan.user() : header;
  }

  private void answered(Placement answer) {
    if (state != State.QUEUED) {
      if (answer instanceof Placed placed) {
        placed.lease().close(Ending.IGNORED);
      }
      return;
    }
    waiting = null;
    if (answer instanceof Placed placed) {
      tally.explained(placed);
      tryOn(placed.lease());
    } else if (answer instanceof NoPlace none) {
      if (lastFailure != null) {
        answerFailure(lastFailure);
      } else {
        refuse(none.code(), none.message(), "model", none.retryAfterMillis());
      }
    }
  }

  private void tryOn(Lease<Worker> lease) {
    Route to = route();
    Worker worker = lease.worker();
    String path = worker.engine().pathOf(endpoint);
    if (path == null) {
      lease.close(Ending.IGNORED);
      throw new IllegalStateException("the dispatch chose a worker without " + endpoint);
    }
    state = State.TRYING;
    if (tally.attempts() == 0) {
      shared.budgets().of(to.pool().model()).request();
    }
    tally.placed(worker, System.nanoTime() - askedNanos, priority());
    tried.add(worker.spec().key());
    boolean usage =
        to.stream()
            && worker.engine().takesStreamOptions(endpoint)
            && RequestBody.usageCanBeAdded(to.scan());
    Buffer bytes = body.forWorker(to.scan(), to.pool().model(), usage);
    Attempt next = new Attempt(this, loop, lease, path, bytes, usage);
    attempt = next;
    next.start();
  }

  // What attempts tell.

  void attemptFailed(Attempt from, AttemptFailure why) {
    if (state != State.TRYING || attempt != from) {
      return;
    }
    lastFailure = why;
    LOG.log(
        Level.FINE, () -> reply.requestId() + ": " + from.worker() + " failed: " + why.detail());
    boolean more = why.kind().retryable() && tally.attempts() < shared.config().retry().attempts();
    if (!committed && more && mayRetry(why)) {
      shared.meters().retried(why.cause().label());
      attempt = null;
      ask();
    } else if (committed && why.cause() == AttemptFailure.Cause.TRUNCATED) {
      fail(
          Outcome.WORKER_FAILED,
          ErrorCode.STREAM_TRUNCATED,
          "The worker's answer broke off before its end.",
          null,
          -1);
    } else {
      answerFailure(why);
    }
  }

  /** The last bytes of a whole answer go out next. */
  void completing(Attempt from) {
    if (attempt == from) {
      leave(Outcome.COMPLETED, null);
    }
  }

  /** Asked only where a retry would follow, since it takes from the budget. */
  private boolean mayRetry(AttemptFailure why) {
    boolean may = shared.budgets().of(route().pool().model()).tryRetry();
    if (!may) {
      shared.meters().retryRefused(why.cause().label());
    }
    return may;
  }

  void attemptCompleted(Attempt from, int status) {
    if (attempt == from) {
      if (wanted != null) {
        shared.dispatch().learn(wanted, from.usage());
      }
      settle(Outcome.COMPLETED, status, null);
    }
  }

  /** A byte of the worker's answer goes out: from here on there is no other worker. */
  void commit() {
    if (!committed) {
      committed = true;
      body.letGo();
    }
  }

  /** The client gets an event stream, from its first byte or comment on. */
  void beginStream() {
    if (!reply.begun()) {
      debugHeaders();
      reply.beginStream();
    }
    tally.streamBegan();
    keepAlive.wrote(System.nanoTime());
  }

  /** The client gets an answer in one piece, or anything else that is no event stream. */
  void beginBody(int status, MultiMap workerHeaders) {
    commit();
    debugHeaders();
    ForwardedHeaders.toClient(workerHeaders, reply.headers());
    reply.begin(status, ForwardedHeaders.contentLength(workerHeaders));
  }

  MultiMap headersFor(Worker worker) {
    return ForwardedHeaders.toWorker(request.headers(), worker, reply.requestId());
  }

  Endpoint endpoint() {
    return endpoint;
  }

  Reply reply() {
    return reply;
  }

  Tally tally() {
    return tally;
  }

  // Ends.

  private void clientGone() {
    if (state == State.OVER) {
      return;
    }
    reply.gone();
    long now = System.nanoTime();
    shared.meters().cancelled(stage());
    stop(() -> shared.meters().cancelLatency(System.nanoTime() - now));
    settle(Outcome.CLIENT_GONE, CLIENT_CLOSED_REQUEST, ErrorCode.CLIENT_CLOSED_REQUEST);
  }

  /** The router stops, and the time for finishing is over. */
  void shutDown() {
    stop(null);
    fail(Outcome.SHUTDOWN, ErrorCode.SHUTTING_DOWN, "The router is shutting down.", null, 1_000);
  }

  private void refuse(
      ErrorCode code, String message, @Nullable String param, long retryAfterMillis) {
    fail(Outcome.REFUSED, code, message, param, retryAfterMillis);
  }

  private void refuse(LimitRefusal why) {
    if (!request.isEnded() && !Reply.worthReading(request.headers())) {
      reply.lastOnConnection();
    }
    shared.meters().refused(ErrorCode.RATE_LIMIT_EXCEEDED);
    failure.limited(why);
    settle(Outcome.REFUSED, ErrorCode.RATE_LIMIT_EXCEEDED.status(), ErrorCode.RATE_LIMIT_EXCEEDED);
  }

  /** The router's own error. */
  private void fail(
      Outcome outcome,
      ErrorCode code,
      String message,
      @Nullable String param,
      long retryAfterMillis) {
    if (state == State.OVER) {
      return;
    }
    if (state == State.RECEIVING && !request.isEnded()) {
      reply.lastOnConnection();
    }
    shared.meters().refused(code);
    leave(outcome, code);
    failure.own(code, message, param, retryAfterMillis, tally.streaming(), attempt);
    settle(outcome, code.status(), code);
  }

  private void answerFailure(AttemptFailure why) {
    Worker worker = tally.lastWorker();
    if (worker == null) {
      throw new IllegalStateException("no worker was tried");
    }
    if (!reply.begun()) {
      debugHeaders();
    }
    WorkerErrors.Answer answer =
        WorkerErrors.answer(endpoint, worker, why, route().pool().model(), reply.requestId());
    Outcome outcome = why.kind().retryable() ? Outcome.WORKER_FAILED : Outcome.REFUSED;
    leave(outcome, answer.code());
    failure.worker(answer, attempt);
    settle(outcome, answer.status(), answer.code());
  }

  /** Gives up what is under way, with what was gathered for the client written first. */
  private void stop(@Nullable Runnable whenClosed) {
    Waiting queued = waiting;
    if (queued != null) {
      waiting = null;
      queued.cancel();
    }
    Attempt current = attempt;
    if (current != null) {
      current.flush();
      current.cancel(whenClosed);
    }
  }

  private void settle(Outcome outcome, int status, @Nullable ErrorCode code) {
    if (state == State.OVER) {
      return;
    }
    state = State.OVER;
    intake.stop();
    loop.remove(this);
    body.letGo();
    shared.bounds().giveBackExchange();
    leave(outcome, code);
    tally.close(outcome, status, code, usage(), body.received(), reply.bytesOut());
  }

  /**
   * Gives back what is held of the key's limits: before the client can know that its request is
   * over, or its next one could come too early. Later calls find nothing to do.
   */
  private void leave(Outcome outcome, @Nullable ErrorCode code) {
    gate.leave(outcome, code, attempt != null, usage());
  }

  private TokenUsage usage() {
    return attempt == null ? TokenUsage.UNKNOWN : attempt.usage();
  }

  // Clocks.

  void sweep(long now) {
    long age = now - tally.startedNanos();
    if (state == State.RECEIVING) {
      if (age > shared.config().limits().bodyTimeout().toNanos()) {
        refuse(ErrorCode.REQUEST_TIMEOUT, "The request body did not arrive in time.", null, -1);
      }
      return;
    }
    Clocks clocks = route().clocks();
    if (age > clocks.total()) {
      timeOut(ErrorCode.TOTAL_TIMEOUT, "The request took longer than it may.");
      return;
    }
    Attempt current = attempt;
    if (current != null && state == State.TRYING) {
      current.endIfWhole(now, END_PATIENCE);
      ErrorCode ranOut = state == State.OVER ? null : current.ranOut(now, clocks, route().stream());
      if (ranOut != null) {
        current.blame(ranOut);
        timeOut(
            ranOut,
            ranOut == ErrorCode.IDLE_TIMEOUT
                ? "The worker went silent in the middle of its answer."
                : "The worker did not begin to answer in time.");
      }
    }
    if (state != State.OVER) {
      comment(now, current);
    }
  }

  private void timeOut(ErrorCode code, String message) {
    stop(null);
    fail(Outcome.TIMED_OUT, code, message, null, -1);
  }

  private void comment(long now, @Nullable Attempt current) {
    if (!keepAlive.due(now)
        || !route().takesComments(endpoint)
        || (current != null && !current.betweenFrames())) {
      return;
    }
    beginStream();
    if (current != null) {
      current.flush();
    }
    reply.write(KeepAlive.COMMENT);
  }

  // Small things.

  private Priority priority() {
    Dispatch.Wanted asked = wanted;
    return asked == null ? Priority.MEDIUM : asked.priority();
  }

  private String stage() {
    Attempt current = attempt;
    return switch (state) {
      case RECEIVING -> "receiving";
      case QUEUED -> "queued";
      case TRYING, OVER -> current == null ? "queued" : current.stage();
    };
  }

  private boolean debugs() {
    return "1".equals(request.getHeader("x-headrace-debug"));
  }

  private void debugHeaders() {
    if (debugs()) {
      tally.describe(reply.headers());
    }
  }

  /** An exchange that throws would hang for its client: it ends with an error instead. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, reply.requestId() + ": a fault of the router", e);
      stop(null);
      refuse(ErrorCode.INTERNAL_ERROR, "The router failed.", null, -1);
    }
  }

  private Route route() {
    Route to = route;
    if (to == null) {
      throw new IllegalStateException("the body was not read yet");
    }
    return to;
  }
}

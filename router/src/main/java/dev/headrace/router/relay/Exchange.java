package dev.headrace.router.relay;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.FleetSnapshot;
import dev.headrace.router.fleet.Pool;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.observe.AccessRecord;
import dev.headrace.router.observe.ModelMeters;
import dev.headrace.router.observe.RouterMeters;
import dev.headrace.router.relay.Dispatch.NoPlace;
import dev.headrace.router.relay.Dispatch.Placed;
import dev.headrace.router.relay.Dispatch.Placement;
import dev.headrace.router.relay.Dispatch.Waiting;
import dev.headrace.router.scan.BodyRefused;
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
  private static final Buffer COMMENT = Buffer.buffer(": waiting\n\n");

  /** How long a worker may keep a body open after its end mark. */
  private static final long END_PATIENCE = TimeUnit.SECONDS.toNanos(1);

  private static final int CLIENT_CLOSED_REQUEST = 499;

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
  private final Endpoint endpoint;
  private final @Nullable String key;
  private final RequestBody body;
  private final long startedNanos = System.nanoTime();

  private State state = State.RECEIVING;
  private Clocks clocks;
  private @Nullable Route route;
  private @Nullable ModelMeters meters;
  private @Nullable Waiting waiting;
  private @Nullable Attempt attempt;
  private @Nullable Worker lastWorker;
  private @Nullable AttemptFailure lastFailure;
  private final Set<String> tried = new HashSet<>(4);
  private int attempts;
  private boolean committed;
  private boolean streaming;
  private long askedNanos;
  private long queuedNanos = -1;
  private long firstContentNanos = -1;
  private long wroteNanos = startedNanos;

  /** What the body asked for. */
  private record Route(ScannedRequest scan, Pool pool, String modelLabel, boolean stream) {}

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
    this.endpoint = endpoint;
    this.key = key;
    this.clocks = Clocks.of(shared.config().defaults(), null);
    this.body = new RequestBody(shared.config().limits().maxBody(), shared.bounds());
  }

  /** Begins. Must be called in the handler of the request, before any of its body is read. */
  public void start() {
    loop.add(this);
    request.response().exceptionHandler(gone -> clientGone());
    request.response().closeHandler(gone -> clientGone());
    request.exceptionHandler(gone -> clientGone());
    long length = ForwardedHeaders.contentLength(request.headers());
    if (length > shared.config().limits().maxBody()) {
      refuse(ErrorCode.REQUEST_TOO_LARGE, body.tooLarge(), null, -1);
      return;
    }
    request.handler(this::bodyPart);
    request.endHandler(end -> guarded(this::bodyComplete));
  }

  private void bodyPart(Buffer part) {
    if (state != State.RECEIVING) {
      return;
    }
    ErrorCode refusal = body.add(part);
    if (refusal == ErrorCode.REQUEST_TOO_LARGE) {
      refuse(refusal, body.tooLarge(), null, -1);
    } else if (refusal != null) {
      refuse(refusal, "The router holds as many request bodies as it may.", null, 1_000);
    }
  }

  private void bodyComplete() {
    if (state != State.RECEIVING) {
      return;
    }
    try {
      ScannedRequest scan = body.scan(endpoint, request.getHeader(HttpHeaders.CONTENT_TYPE));
      FleetSnapshot fleet = shared.fleet().current();
      Pool pool = ModelChoice.choose(fleet, endpoint, scan.model());
      boolean stream =
          endpoint == Endpoint.GENERATE_STREAM || (endpoint.streams() && scan.stream());
      route = new Route(scan, pool, pool.model(), stream);
      clocks = Clocks.of(shared.config().defaults(), fleet.settings().get(pool.model()));
      meters = shared.meters().of(endpoint, pool.model());
    } catch (BodyRefused e) {
      refuse(e.code(), e.reason(), e.param(), -1);
      return;
    }
    ask();
  }

  private void ask() {
    Route to = route();
    state = State.QUEUED;
    askedNanos = System.nanoTime();
    waiting =
        shared
            .dispatch()
            .ask(
                new Dispatch.Wanted(
                    endpoint, to.pool, to.scan, key, tried, startedNanos + clocks.total()),
                answer -> guarded(() -> answered(answer)));
  }

  private void answered(Placement answer) {
    if (state != State.QUEUED) {
      if (answer instanceof Placed placed) {
        placed.lease().close();
      }
      return;
    }
    waiting = null;
    if (answer instanceof Placed placed) {
      if (queuedNanos < 0) {
        queuedNanos = System.nanoTime() - askedNanos;
        meters().queueWait(queuedNanos);
      }
      tryOn(placed);
    } else if (answer instanceof NoPlace none) {
      if (lastFailure != null) {
        answerFailure(lastFailure);
      } else {
        refuse(none.code(), none.message(), "model", none.retryAfterMillis());
      }
    }
  }

  private void tryOn(Placed placed) {
    Route to = route();
    Worker worker = placed.lease().worker();
    String path = worker.engine().pathOf(endpoint);
    if (path == null) {
      placed.lease().close();
      throw new IllegalStateException("the dispatch chose a worker without " + endpoint);
    }
    state = State.TRYING;
    attempts++;
    lastWorker = worker;
    tried.add(worker.spec().key());
    boolean usage =
        to.stream
            && worker.engine().takesStreamOptions(endpoint)
            && RequestBody.usageCanBeAdded(to.scan);
    Attempt next =
        new Attempt(
            this,
            loop,
            placed.lease(),
            path,
            body.forWorker(to.scan, to.pool.model(), usage),
            usage);
    attempt = next;
    next.start();
  }

  // What attempts tell.

  void attemptFailed(Attempt from, AttemptFailure failure) {
    if (state != State.TRYING || attempt != from) {
      return;
    }
    lastFailure = failure;
    LOG.log(
        Level.FINE,
        () -> reply.requestId() + ": " + from.worker() + " failed: " + failure.detail());
    if (committed) {
      failInBand(failure);
    } else if (failure.kind().retryable() && attempts < shared.config().retry().attempts()) {
      shared.meters().retried(failure.cause().label());
      attempt = null;
      ask();
    } else {
      answerFailure(failure);
    }
  }

  void attemptCompleted(Attempt from) {
    if (attempt == from) {
      settle(Outcome.COMPLETED, 200, null);
    }
  }

  /** A byte of the worker's answer goes out: from here on there is no other worker. */
  void commit() {
    if (!committed) {
      committed = true;
      body.letGo();
    }
  }

  /** The client gets an event stream, from the first byte or comment on. */
  void beginStream() {
    if (!reply.begun()) {
      debugHeaders();
      reply.beginStream();
    }
    if (!streaming) {
      streaming = true;
      shared.meters().streamStarted();
    }
    wroteNanos = System.nanoTime();
  }

  /** The client gets an answer in one piece, or anything else that is no event stream. */
  void beginBody(int status, MultiMap workerHeaders) {
    commit();
    debugHeaders();
    ForwardedHeaders.toClient(workerHeaders, reply.headers());
    reply.begin(status, ForwardedHeaders.contentLength(workerHeaders));
  }

  /** A body that ended without a byte still needs its head. */
  void beginStreamIfEmpty(boolean stream) {
    if (stream) {
      beginStream();
    }
  }

  void firstContent(long now) {
    if (firstContentNanos < 0) {
      firstContentNanos = now - startedNanos;
      if (streaming || route().stream) {
        meters().firstToken(firstContentNanos);
      }
    }
  }

  void nextContent(long gapNanos) {
    meters().tokenGap(gapNanos);
  }

  void countTruncated() {
    meters().truncated();
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
    failWith(Outcome.SHUTDOWN, ErrorCode.SHUTTING_DOWN, "The router is shutting down.", 1_000);
  }

  private void refuse(
      ErrorCode code, String message, @Nullable String param, long retryAfterMillis) {
    stop(null);
    shared.meters().refused(code);
    if (!reply.begun()) {
      boolean whole = state != State.RECEIVING || request.isEnded();
      if (!whole) {
        reply.lastOnConnection();
      }
      reply.error(endpoint.dialect(), code, message, param, retryAfterMillis);
      settle(Outcome.REFUSED, code.status(), code);
    } else {
      failWith(Outcome.REFUSED, code, message, retryAfterMillis);
    }
  }

  private void answerFailure(AttemptFailure failure) {
    WorkerErrors.Answer answer = errorOf(failure);
    Outcome outcome = failure.kind().retryable() ? Outcome.WORKER_FAILED : Outcome.REFUSED;
    if (reply.begun()) {
      reply.endStreamWith(StreamErrors.event(endpoint, answer, reply.requestId(), framesSent()));
    } else {
      debugHeaders();
      reply.error(answer.code(), answer.status(), answer.body(), answer.retryAfterMillis());
    }
    settle(outcome, answer.status(), answer.code());
  }

  private WorkerErrors.Answer errorOf(AttemptFailure failure) {
    Worker worker = lastWorker;
    if (worker == null) {
      throw new IllegalStateException("no worker was tried");
    }
    return WorkerErrors.answer(endpoint, worker, failure, route().modelLabel, reply.requestId());
  }

  /** Something of the answer went out already. */
  private void failInBand(AttemptFailure failure) {
    if (!streaming) {
      reply.abort();
      settle(Outcome.WORKER_FAILED, ErrorCode.WORKER_FAILED.status(), ErrorCode.WORKER_FAILED);
      return;
    }
    if (failure.cause() == AttemptFailure.Cause.TRUNCATED) {
      failWith(
          Outcome.WORKER_FAILED,
          ErrorCode.STREAM_TRUNCATED,
          "The worker's stream broke off before its end.",
          -1);
      return;
    }
    WorkerErrors.Answer answer = errorOf(failure);
    reply.endStreamWith(StreamErrors.event(endpoint, answer, reply.requestId(), framesSent()));
    settle(Outcome.WORKER_FAILED, answer.status(), answer.code());
  }

  /** The router's own error, in whatever way the client can still be told. */
  private void failWith(Outcome outcome, ErrorCode code, String message, long retryAfterMillis) {
    if (state == State.OVER) {
      return;
    }
    if (!reply.begun()) {
      if (state == State.RECEIVING) {
        reply.lastOnConnection();
      }
      reply.error(endpoint.dialect(), code, message, null, retryAfterMillis);
    } else if (streaming) {
      Attempt current = attempt;
      boolean inside = current != null && current.insideFrame();
      Buffer event = StreamErrors.event(endpoint, code, message, reply.requestId(), framesSent());
      reply.endStreamWith(inside ? Buffer.buffer("\n\n").appendBuffer(event) : event);
    } else {
      reply.abort();
    }
    shared.meters().refused(code);
    settle(outcome, code.status(), code);
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
    loop.remove(this);
    body.letGo();
    shared.bounds().giveBackExchange();
    if (streaming) {
      shared.meters().streamEnded();
    }
    long nanos = System.nanoTime() - startedNanos;
    TokenUsage usage = attempt == null ? TokenUsage.UNKNOWN : attempt.usage();
    ModelMeters of = meters == null ? shared.meters().of(endpoint, RouterMeters.UNKNOWN) : meters;
    of.tokens(usage.prompt(), usage.cached(), usage.completion());
    of.over(status, outcome.label(), nanos);
    shared.accessLog().write(record(outcome, status, code, nanos, usage));
  }

  private AccessRecord record(
      Outcome outcome, int status, @Nullable ErrorCode code, long nanos, TokenUsage usage) {
    Route to = route;
    return new AccessRecord(
        reply.requestId(),
        endpoint.label(),
        to == null ? null : to.modelLabel,
        lastWorker == null ? null : lastWorker.publicId(),
        key,
        status,
        outcome.label(),
        code == null ? null : code.code(),
        to != null && to.stream,
        attempts,
        millis(queuedNanos),
        millis(firstContentNanos),
        millis(nanos),
        usage.prompt(),
        usage.completion(),
        body.received(),
        reply.bytesOut());
  }

  private static double millis(long nanos) {
    return nanos < 0 ? -1 : nanos / 1e6;
  }

  // Clocks.

  void sweep(long now) {
    if (state == State.RECEIVING) {
      if (now - startedNanos > shared.config().limits().bodyTimeout().toNanos()) {
        refuse(ErrorCode.REQUEST_TIMEOUT, "The request body did not arrive in time.", null, -1);
      }
      return;
    }
    if (now - startedNanos > clocks.total()) {
      timeOut(ErrorCode.TOTAL_TIMEOUT, "The request took longer than it may.");
      return;
    }
    Attempt current = attempt;
    if (current != null && state == State.TRYING) {
      current.endIfWhole(now, END_PATIENCE);
      ErrorCode ranOut = state == State.OVER ? null : current.ranOut(now, clocks, route().stream);
      if (ranOut != null) {
        current.blame(ranOut);
        timeOut(
            ranOut,
            ranOut == ErrorCode.IDLE_TIMEOUT
                ? "The worker went silent in the middle of its answer."
                : "The worker did not begin to answer in time.");
        return;
      }
    }
    if (state != State.OVER) {
      keepAlive(now);
    }
  }

  private void timeOut(ErrorCode code, String message) {
    stop(null);
    failWith(Outcome.TIMED_OUT, code, message, -1);
  }

  private void keepAlive(long now) {
    Attempt current = attempt;
    if (!wantsComments()
        || now - wroteNanos < shared.config().defaults().keepAliveComment().toNanos()
        || (current != null && !current.betweenFrames())) {
      return;
    }
    beginStream();
    if (current != null) {
      current.flush();
    }
    reply.write(COMMENT);
  }

  private boolean wantsComments() {
    return route().stream
        && switch (endpoint) {
          case CHAT, COMPLETIONS, RESPONSES, MESSAGES, GENERATE_STREAM -> true;
          default -> false;
        };
  }

  // Small things.

  private String stage() {
    Attempt current = attempt;
    return switch (state) {
      case RECEIVING -> "receiving";
      case QUEUED -> "queued";
      case TRYING, OVER -> current == null ? "queued" : current.stage();
    };
  }

  private int framesSent() {
    return attempt == null ? 0 : attempt.frames();
  }

  private void debugHeaders() {
    if (!"1".equals(request.getHeader("x-headrace-debug"))) {
      return;
    }
    Worker worker = lastWorker;
    if (worker != null) {
      reply.headers().set("x-headrace-worker", worker.publicId());
    }
    reply.headers().set("x-headrace-attempts", Integer.toString(attempts));
    reply.headers().set("x-headrace-queue-ms", Long.toString(Math.max(0, queuedNanos) / 1_000_000));
  }

  /** An exchange that throws would hang for its client: it ends with an error instead. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, reply.requestId() + ": a fault of the router", e);
      stop(null);
      failWith(Outcome.REFUSED, ErrorCode.INTERNAL_ERROR, "The router failed.", -1);
    }
  }

  private Route route() {
    Route to = route;
    if (to == null) {
      throw new IllegalStateException("the body was not read yet");
    }
    return to;
  }

  private ModelMeters meters() {
    ModelMeters of = meters;
    if (of == null) {
      throw new IllegalStateException("the body was not read yet");
    }
    return of;
  }
}

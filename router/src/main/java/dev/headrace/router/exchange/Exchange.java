package dev.headrace.router.exchange;

import dev.headrace.router.balance.Ending;
import dev.headrace.router.dispatch.Dispatch.NoPlace;
import dev.headrace.router.dispatch.Dispatch.Placed;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.limit.LimitRefusal;
import dev.headrace.router.scan.BodyRefused;
import dev.headrace.router.sse.TokenUsage;
import dev.headrace.router.wire.ClientSide;
import dev.headrace.router.wire.Fields;
import dev.headrace.router.wire.Outgoing;
import dev.headrace.worker.Endpoint;
import dev.headrace.worker.FailureKind;
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
 *   <li>RECEIVING: the body arrives, within its bound and its deadline, and is read on the way.
 *   <li>QUEUED: the dispatch looks for a place.
 *   <li>TRYING: one {@link Attempt} is under way and holds the lease. Once it is <i>committed</i>
 *       (a byte of the worker's answer goes out; comment lines do not count) there is no other
 *       worker any more, and the request body is let go.
 *   <li>OVER: reached exactly once, through {@link #end}, which gives everything back, writes the
 *       last bytes and closes the account. Whatever happens later finds nothing to do.
 * </ul>
 *
 * Whatever comes in from outside runs guarded: an exchange that throws ends with an error, alone.
 * Confined to one event loop.
 */
public final class Exchange implements ClientSide.Listener, Search.Found {
  private static final Logger LOG = Logger.getLogger(Exchange.class.getName());

  /** How long a worker may keep a body open after its end mark. */
  private static final long END_PATIENCE = TimeUnit.SECONDS.toNanos(1);

  private static final long RETRY_OVERLOADED_MILLIS = 1_000;
  private static final byte[] COMMENT = StreamErrors.bytes(": waiting\n");

  private enum State {
    RECEIVING,
    QUEUED,
    TRYING,
    OVER
  }

  private final ExchangeLoop loop;
  private final ExchangeLoop.Shared shared;
  private final ClientSide client;
  private final Reply reply;
  private final Endpoint endpoint;
  private final @Nullable String key;
  private final RequestBody body;
  private final Intake intake;
  private final Tally tally;
  private final LimitGate gate;
  private final LastWords lastWords;
  private final Search search;

  private State state = State.RECEIVING;
  private @Nullable Route route;
  private @Nullable Attempt attempt;
  private boolean committed;
  private long wroteNanos;

  /**
   * @param key name of the client's API key, or null
   */
  public Exchange(ExchangeLoop loop, Reply reply, Endpoint endpoint, @Nullable String key) {
    this.loop = loop;
    this.shared = loop.shared();
    this.client = reply.client();
    this.reply = reply;
    this.endpoint = endpoint;
    this.key = key;
    long announced = ForwardedHeaders.contentLength(client);
    this.body = new RequestBody(shared.config().limits().maxBody(), announced, shared.bounds());
    this.intake = new Intake(shared, endpoint, body, client.header("content-type"), announced);
    this.tally = new Tally(shared, endpoint, reply.requestId(), key);
    this.gate = LimitGate.of(shared.limits(), key, endpoint);
    this.lastWords = new LastWords(reply, endpoint, tally);
    this.search = new Search(shared.dispatch(), loop.home(), this::guarded, this);
    this.wroteNanos = tally.startedNanos();
  }

  /** Begins. Must be called in the handler of the request, before any of its body is read. */
  public void start() {
    loop.add(this);
    client.listen(this);
    guarded(
        () -> {
          LimitRefusal refusal = gate.enter(client);
          if (refusal != null) {
            refuse(refusal);
            return;
          }
          try {
            intake.begin();
          } catch (BodyRefused e) {
            refuse(e);
          }
        });
  }

  // What the client does.

  @Override
  public void body(byte[] array, int from, int to) {
    if (state == State.RECEIVING) {
      try {
        intake.piece(array, from, to);
      } catch (BodyRefused e) {
        refuse(e);
      }
    }
  }

  @Override
  public void bodyEnded() {
    if (state != State.RECEIVING) {
      return;
    }
    Route to;
    try {
      to = intake.end();
    } catch (BodyRefused e) {
      refuse(e);
      return;
    }
    route = to;
    tally.routed(to.pool().model(), to.stream());
    LimitRefusal refusal = gate.reserve(to, shared.dispatch().explainer());
    if (refusal == null) {
      state = State.QUEUED;
      search.begin(Search.wanted(client, endpoint, to, key, gate.priority(), tally.startedNanos()));
    } else {
      refuse(refusal);
    }
  }

  @Override
  public void drained() {
    Attempt current = attempt;
    if (current != null) {
      current.drained();
    }
  }

  @Override
  public void gone() {
    shared.meters().cancelled(stage());
    long now = System.nanoTime();
    end(
        Outcome.CLIENT_GONE,
        ErrorCode.CLIENT_CLOSED_REQUEST.status(),
        ErrorCode.CLIENT_CLOSED_REQUEST,
        Ending.IGNORED,
        () -> shared.meters().cancelLatency(System.nanoTime() - now),
        () -> {});
  }

  // What the search finds.

  @Override
  public void place(Placed placed) {
    if (state != State.QUEUED) {
      placed.lease().close(Ending.IGNORED);
      return;
    }
    Route to = route();
    Worker worker = placed.lease().worker();
    // First of all somebody holds the lease: whatever throws from here on, it is given back.
    Attempt next = new Attempt(this, client, placed.lease(), to.stream());
    attempt = next;
    state = State.TRYING;
    tally.explained(placed);
    boolean usage =
        to.stream()
            && worker.engine().takesStreamOptions(endpoint)
            && RequestBody.usageCanBeAdded(to.scan());
    String path = worker.engine().pathOf(endpoint);
    if (path == null) {
      throw new IllegalStateException("the dispatch chose a worker without " + endpoint);
    }
    if (tally.attempts() == 0) {
      shared.budgets().of(to.pool().model()).request();
    }
    tally.placed(worker, search.waitedNanos(), search.priority());
    next.start(
        loop.workers(),
        new Outgoing(
            path,
            ForwardedHeaders.toWorker(client, worker, reply.requestId()),
            body.forWorker(to.scan(), to.pool().model(), usage),
            to.stream()),
        usage);
  }

  @Override
  public void noPlace(NoPlace why) {
    refuse(why.code(), why.message(), "model", why.retryAfterMillis());
  }

  @Override
  public void exhausted(AttemptFailure last) {
    answer(last, null);
  }

  // What attempts tell.

  /** A connection broke in the moment of its reuse: nobody's failure. */
  void sentAgain() {
    shared.meters().sentAgain();
  }

  void connectFailed(Worker worker, String detail) {
    shared.signals().connectFailed(worker, detail);
  }

  void attemptFailed(Attempt from, AttemptFailure why) {
    if (state != State.TRYING || attempt != from) {
      return;
    }
    LOG.log(
        Level.FINE, () -> reply.requestId() + ": " + from.worker() + " failed: " + why.detail());
    boolean more = why.kind().retryable() && tally.attempts() < shared.config().retry().attempts();
    boolean retry = !committed && more && mayRetry(why);
    shared.meters().attempt(why.cause().label());
    if (why.kind().retryable()
        && why.cause() != AttemptFailure.Cause.CONNECT
        && why.cause() != AttemptFailure.Cause.LOCAL) {
      shared.signals().failed(from.worker(), why.kind(), why.detail());
    }
    if (retry) {
      shared.meters().retried(why.cause().label());
      from.release(why.ending(), null);
      attempt = null;
      state = State.QUEUED;
      search.goOn(from.worker(), why);
    } else if (committed && why.cause() == AttemptFailure.Cause.TRUNCATED) {
      fail(
          Outcome.WORKER_FAILED,
          ErrorCode.STREAM_TRUNCATED,
          "The worker's answer broke off before its end.",
          null,
          -1,
          why.ending());
    } else {
      answer(why, from);
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
    if (state != State.TRYING || attempt != from) {
      return;
    }
    shared.signals().succeeded(from.worker());
    shared.meters().attempt("ok");
    search.learn(from.usage());
    end(Outcome.COMPLETED, status, null, Ending.SUCCEEDED, null, client::end);
  }

  /** A byte of the worker's answer goes out: from here on there is no other worker. */
  void commit() {
    if (!committed) {
      committed = true;
      body.letGo();
    }
  }

  /** The client gets an event stream, from its first byte or comment on. */
  void beginStream(long now) {
    if (!client.begun()) {
      tally.describe(client);
      reply.beginStream();
    }
    tally.streamBegan();
    wroteNanos = now;
  }

  /** The client gets an answer in one piece, or anything else that is no event stream. */
  void beginBody(int status, Fields fromWorker, long length) {
    commit();
    tally.describe(client);
    ForwardedHeaders.toClient(fromWorker, client);
    client.begin(status, length);
  }

  Endpoint endpoint() {
    return endpoint;
  }

  Tally tally() {
    return tally;
  }

  // Ends.

  /** The router stops, and the time for finishing is over. */
  void shutDown() {
    fail(
        Outcome.SHUTDOWN,
        ErrorCode.SHUTTING_DOWN,
        "The router is shutting down.",
        null,
        1_000,
        Ending.IGNORED);
  }

  private void refuse(BodyRefused why) {
    refuse(
        why.code(),
        why.reason(),
        why.param(),
        why.code() == ErrorCode.ROUTER_OVERLOADED ? RETRY_OVERLOADED_MILLIS : -1);
  }

  private void refuse(
      ErrorCode code, String message, @Nullable String param, long retryAfterMillis) {
    fail(Outcome.REFUSED, code, message, param, retryAfterMillis, Ending.IGNORED);
  }

  private void refuse(LimitRefusal why) {
    reply.refuseUnread();
    ErrorCode code = ErrorCode.RATE_LIMIT_EXCEEDED;
    shared.meters().refused(code);
    end(
        Outcome.REFUSED,
        code.status(),
        code,
        Ending.IGNORED,
        null,
        () -> reply.limited(endpoint.dialect(), why));
  }

  /** The router's own error, told in the best way that is still open. */
  private void fail(
      Outcome outcome,
      ErrorCode code,
      String message,
      @Nullable String param,
      long retryAfterMillis,
      Ending ending) {
    if (state == State.OVER) {
      return;
    }
    if (state == State.RECEIVING) {
      if (code == ErrorCode.REQUEST_TIMEOUT) {
        client.last();
      }
      reply.refuseUnread();
    }
    shared.meters().refused(code);
    Attempt last = attempt;
    end(
        outcome,
        code.status(),
        code,
        ending,
        null,
        () -> lastWords.own(code, message, param, retryAfterMillis, last));
  }

  /** What the worker told, or what it did. */
  private void answer(AttemptFailure why, @Nullable Attempt last) {
    Worker worker = tally.lastWorker();
    if (worker == null) {
      throw new IllegalStateException("no worker was tried");
    }
    WorkerErrors.Answer told =
        WorkerErrors.answer(endpoint, worker, why, route().pool().model(), reply.requestId());
    boolean workers = why.kind().retryable() && why.cause() != AttemptFailure.Cause.LOCAL;
    end(
        workers ? Outcome.WORKER_FAILED : Outcome.REFUSED,
        told.status(),
        told.code(),
        why.ending(),
        null,
        () -> {
          if (!client.begun()) {
            tally.describe(client);
          }
          lastWords.worker(told, last);
        });
  }

  /**
   * The one end. What is held is given back before the client can know that its request is over, or
   * its next one could come too early.
   *
   * @param ending what it means for the worker that is being tried, if one is
   * @param whenClosed called once that worker's connection is closed, if it is busy; or null
   * @param lastBytes writes what the client still gets
   */
  private void end(
      Outcome outcome,
      int status,
      @Nullable ErrorCode code,
      Ending ending,
      @Nullable Runnable whenClosed,
      Runnable lastBytes) {
    if (state == State.OVER) {
      return;
    }
    state = State.OVER;
    loop.remove(this);
    Attempt last = attempt;
    TokenUsage used = last == null ? TokenUsage.UNKNOWN : last.usage();
    try {
      giveBack(outcome, code, ending, last, used, whenClosed);
    } finally {
      try {
        lastBytes.run();
      } finally {
        tally.close(outcome, status, code, used, body.received(), client.bytesOut());
      }
    }
  }

  /** All that is held; what throws on the way keeps nothing back. */
  private void giveBack(
      Outcome outcome,
      @Nullable ErrorCode code,
      Ending ending,
      @Nullable Attempt last,
      TokenUsage used,
      @Nullable Runnable whenClosed) {
    body.letGo();
    shared.bounds().giveBackExchange();
    try {
      search.cancel();
      if (last != null) {
        last.release(ending, whenClosed);
        if (outcome.gaveUp()) {
          shared.meters().attempt("cancelled");
        }
      }
    } finally {
      gate.leave(outcome, code, last != null, used);
    }
  }

  @Override
  public void faulted(RuntimeException fault) {
    LOG.log(Level.SEVERE, reply.requestId() + ": a fault of the router", fault);
    try {
      refuse(ErrorCode.INTERNAL_ERROR, "The router failed.", null, -1);
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, reply.requestId() + ": and no answer to it", e);
    }
    client.abort();
  }

  /** Runs a step that comes from outside. */
  void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      faulted(e);
    }
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
      timeOut(ErrorCode.TOTAL_TIMEOUT, "The request took longer than it may.", Ending.IGNORED);
      return;
    }
    Attempt current = attempt;
    if (current != null && state == State.TRYING) {
      current.endIfWhole(now, END_PATIENCE);
      ErrorCode ranOut = state == State.OVER ? null : current.ranOut(now, clocks);
      if (ranOut != null) {
        shared.signals().failed(current.worker(), FailureKind.BROKEN, ranOut.code());
        timeOut(
            ranOut,
            ranOut == ErrorCode.IDLE_TIMEOUT
                ? "The worker went silent in the middle of its answer."
                : "The worker did not begin to answer in time.",
            Ending.FAILED);
      }
    }
    if (state != State.OVER) {
      comment(now, current);
    }
  }

  private void timeOut(ErrorCode code, String message, Ending ending) {
    fail(Outcome.TIMED_OUT, code, message, null, -1, ending);
  }

  /**
   * A line that tells proxies and clients that the connection lives while a worker queues or
   * prefills. It has no blank line of its own: to some readers that would be an event.
   */
  private void comment(long now, @Nullable Attempt current) {
    if (now - wroteNanos < shared.config().defaults().keepAliveComment().toNanos()
        || !route().takesComments(endpoint)
        || (current != null && !current.betweenFrames())) {
      return;
    }
    beginStream(now);
    client.write(COMMENT, 0, COMMENT.length);
    client.flush();
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

  private Route route() {
    Route to = route;
    if (to == null) {
      throw new IllegalStateException("the body was not read yet");
    }
    return to;
  }
}

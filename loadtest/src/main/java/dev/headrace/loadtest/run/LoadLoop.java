package dev.headrace.loadtest.run;

import dev.headrace.loadtest.LoadOptions;
import dev.headrace.loadtest.LoadShape;
import dev.headrace.loadtest.plan.ArrivalPlan;
import dev.headrace.loadtest.plan.PlanShare;
import dev.headrace.loadtest.plan.RequestBody;
import dev.headrace.loadtest.result.Metric;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.ContextInternal;
import java.lang.management.ManagementFactory;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One event loop of the generator: its share of the plan, its own connections, its own records.
 *
 * <p>Timers go to Netty's event loop, which keeps nanoseconds; Vert.x timers keep milliseconds.
 * Everything here is confined to the loop, except {@link #run}.
 */
final class LoadLoop extends VerticleBase implements Pacer.Launcher {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int TICKS_PER_SWEEP = 10;

  private final LoadOptions options;
  private final LiveCounts live;
  private final int places;
  private final Pacer pacer;
  private final RequestBody body;
  private final RequestOptions target;
  private final LoopRecorder recorder = new LoopRecorder();
  private final Set<BenchExchange> active = new LinkedHashSet<>();
  private final Promise<LoopRecorder> finished = Promise.promise();
  private @Nullable Connections connections;
  private @Nullable EventLoop eventLoop;
  private long startNanos;
  private long cpuAtWindow = -1;
  private int ticks;
  private boolean exhausted;
  private boolean done;

  LoadLoop(LoadOptions options, int loop, LiveCounts live) {
    this.options = options;
    this.live = live;
    int loops = options.loops();
    int all = options.shape().maxInFlight();
    this.places = all / loops + (loop < all % loops ? 1 : 0);
    this.body =
        new RequestBody(options.endpoint(), options.model(), options.stream(), options.ignoreEos());
    this.target = target(options);
    this.pacer = pacer(options, loop, loops);
  }

  private Pacer pacer(LoadOptions run, int loop, int loops) {
    ArrivalPlan plan = run.plan();
    long warmupNanos = run.warmup().toNanos();
    boolean open = run.shape() instanceof LoadShape.Open;
    PlanShare warmup =
        new PlanShare(
            plan.forWarmup(), loop, loops, open ? warmupNanos : Long.MAX_VALUE, Long.MAX_VALUE);
    PlanShare measured = new PlanShare(plan, loop, loops, run.untilNanos(), run.untilIndex());
    return open
        ? new OpenPacer(this, warmup, measured, warmupNanos, places, run.maxWait().toNanos())
        : new ClosedPacer(this, warmup, measured, warmupNanos, run.untilNanos(), places);
  }

  private static RequestOptions target(LoadOptions run) {
    RequestOptions target =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(run.target().getHost())
            .setPort(run.port())
            .setSsl(run.tls())
            .setURI(run.path(run.endpoint().path()))
            .putHeader("content-type", "application/json")
            .putHeader("accept", run.stream() ? "text/event-stream" : "application/json")
            .putHeader("x-headrace-debug", "1");
    if (run.apiKey() != null) {
      target.putHeader("authorization", "Bearer " + run.apiKey());
    }
    return target;
  }

  @Override
  public Future<?> start() {
    eventLoop = ((ContextInternal) context).nettyEventLoop();
    connections =
        new Connections(
            vertx, target, places, (int) Math.min(10_000, options.timeout().toMillis()));
    return Future.succeededFuture();
  }

  /**
   * Sends the plan.
   *
   * @param start when the warm-up begins, on the clock of {@link System#nanoTime()}
   * @return its records, when all is answered
   */
  Future<LoopRecorder> run(long start) {
    context.runOnContext(
        go -> {
          startNanos = start;
          after(
              start - System.nanoTime(),
              () -> {
                tick(System.nanoTime() + TICK_NANOS);
                pacer.begin(start);
              });
        });
    return finished.future();
  }

  /** Any thread, while it runs: see {@link LoopRecorder#interval}. */
  LoopRecorder recorder() {
    return recorder;
  }

  @Override
  public void launch(PlannedRequest request) {
    Connections open = connections;
    if (open == null) {
      throw new IllegalStateException("launched before start");
    }
    BenchExchange exchange =
        new BenchExchange(request, options.stream(), recorder, this::exchangeEnded);
    byte[] json = body.of(request.arrival());
    active.add(exchange);
    live.started.increment();
    exchange.start(open, json);
  }

  /** What an action throws is reported by the context. */
  @Override
  @SuppressWarnings("FutureReturnValueIgnored")
  public void after(long nanos, Runnable action) {
    EventLoop loop = eventLoop;
    if (loop == null) {
      throw new IllegalStateException("timer set before start");
    }
    // Through the context, so that the HTTP client sees its own loop's context and its pool.
    loop.schedule(
        () -> context.runOnContext(run -> action.run()), Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  @Override
  public int inFlight() {
    return active.size();
  }

  @Override
  public void dropped() {
    recorder.tally.dropped++;
  }

  @Override
  public void exhausted() {
    exhausted = true;
    finishIfIdle();
  }

  private void exchangeEnded(BenchExchange exchange, boolean failed) {
    active.remove(exchange);
    (failed ? live.failed : live.completed).increment();
    pacer.ended(failed);
    finishIfIdle();
  }

  private void finishIfIdle() {
    if (exhausted && active.isEmpty() && !done) {
      done = true;
      if (cpuAtWindow >= 0) {
        recorder.tally.cpuNanos = cpuNanos() - cpuAtWindow;
      }
      finished.complete(recorder);
    }
  }

  private void tick(long due) {
    after(
        due - System.nanoTime(),
        () -> {
          long now = System.nanoTime();
          if (now - startNanos >= options.warmup().toNanos()) {
            if (cpuAtWindow < 0) {
              cpuAtWindow = cpuNanos();
            }
            recorder.record(Metric.LOOP_LAG, now - due);
          }
          if (++ticks % TICKS_PER_SWEEP == 0) {
            sweep(now);
          }
          if (!done) {
            tick(Math.max(due, now - TICK_NANOS) + TICK_NANOS);
          }
        });
  }

  /** Requests stand in the order of their sends, so the first young one ends the search. */
  private void sweep(long now) {
    long limit = options.timeout().toNanos();
    while (!active.isEmpty()) {
      Iterator<BenchExchange> oldest = active.iterator();
      BenchExchange exchange = oldest.next();
      if (now - exchange.sentNanos() < limit) {
        return;
      }
      exchange.timeOut(options.timeout().toMillis());
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}

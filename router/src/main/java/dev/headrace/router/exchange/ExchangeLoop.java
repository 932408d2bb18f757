package dev.headrace.router.exchange;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.dispatch.Dispatch;
import dev.headrace.router.dispatch.RetryBudgets;
import dev.headrace.router.fleet.FleetView;
import dev.headrace.router.limit.RateLimits;
import dev.headrace.router.observe.AccessLog;
import dev.headrace.router.observe.RouterMeters;
import dev.headrace.router.wire.WorkerPool;
import dev.headrace.router.wire.WorkerSide;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What the exchanges of one event loop share: the way to the workers, the clocks' sweep, the list
 * of what is under way. Confined to its loop.
 *
 * <p>One periodic sweep looks at all exchanges instead of one timer per exchange: arming and
 * disarming three timers for each token would cost more than the token. An exchange that throws
 * ends alone; the sweep goes on.
 */
public final class ExchangeLoop {
  private static final Logger LOG = Logger.getLogger(ExchangeLoop.class.getName());

  /** How late a clock may notice that it ran out. */
  static final long SWEEP_MILLIS = 250;

  /** What all loops of a router share. */
  public record Shared(
      HeadraceConfig config,
      FleetView fleet,
      Dispatch dispatch,
      WorkerSignals signals,
      RouterMeters meters,
      AccessLog accessLog,
      Bounds bounds,
      RateLimits limits,
      RetryBudgets budgets) {}

  private final Vertx vertx;
  private final Shared shared;
  private final Executor home;
  private final WorkerPool workers;
  private final Set<Exchange> exchanges = new HashSet<>();
  private final long timer;

  /** Must be called on the loop. */
  public ExchangeLoop(Vertx vertx, Context context, Shared shared) {
    this.vertx = vertx;
    this.home = step -> context.runOnContext(on -> step.run());
    this.shared = shared;
    this.workers =
        new WorkerPool(
            vertx, context, shared.config().defaults().connectTimeout(), System::nanoTime);
    this.timer = vertx.setPeriodic(SWEEP_MILLIS, id -> sweep());
  }

  Shared shared() {
    return shared;
  }

  /** Runs what it is given later, on this loop. */
  Executor home() {
    return home;
  }

  WorkerSide workers() {
    return workers;
  }

  void add(Exchange exchange) {
    exchanges.add(exchange);
  }

  void remove(Exchange exchange) {
    exchanges.remove(exchange);
  }

  private void sweep() {
    workers.sweep();
    if (exchanges.isEmpty()) {
      return;
    }
    try {
      shared.dispatch().tick();
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "a fault of the dispatch; the clocks go on", e);
    }
    long now = System.nanoTime();
    for (Exchange exchange : exchanges.toArray(new Exchange[0])) {
      exchange.guarded(() -> exchange.sweep(now));
    }
  }

  /** Ends every exchange with an error: the grace of a shutdown is over. */
  public void cutAll() {
    for (Exchange exchange : exchanges.toArray(new Exchange[0])) {
      exchange.guarded(exchange::shutDown);
    }
  }

  public Future<Void> close() {
    vertx.cancelTimer(timer);
    return workers.close();
  }
}

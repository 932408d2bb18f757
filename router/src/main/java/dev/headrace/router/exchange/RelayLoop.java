package dev.headrace.router.exchange;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.dispatch.Dispatch;
import dev.headrace.router.dispatch.RetryBudgets;
import dev.headrace.router.fleet.FleetView;
import dev.headrace.router.limit.RateLimits;
import dev.headrace.router.observe.AccessLog;
import dev.headrace.router.observe.RouterMeters;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.Set;

/**
 * What the exchanges of one event loop share: the client to the workers, the clocks' sweep, the
 * list of what is under way. Confined to its loop.
 *
 * <p>One periodic sweep looks at all exchanges instead of one timer per exchange: arming and
 * disarming three timers for each token would cost more than the token.
 */
public final class RelayLoop {
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
  private final Context context;
  private final Shared shared;
  private final WorkerClient client;
  private final Set<Exchange> exchanges = new HashSet<>();
  private final long timer;
  private byte[] scratch = new byte[16 * 1024];

  /** Must be called on the loop. */
  public RelayLoop(Vertx vertx, Context context, Shared shared) {
    this.vertx = vertx;
    this.context = context;
    this.shared = shared;
    this.client = new WorkerClient(vertx, shared.config().defaults().connectTimeout());
    this.timer = vertx.setPeriodic(SWEEP_MILLIS, id -> sweep());
  }

  Context context() {
    return context;
  }

  Shared shared() {
    return shared;
  }

  WorkerClient client() {
    return client;
  }

  /** Room for one chunk, valid until the next call. */
  byte[] scratch(int length) {
    if (length > scratch.length) {
      scratch = new byte[Integer.highestOneBit(length - 1) << 1];
    }
    return scratch;
  }

  void add(Exchange exchange) {
    exchanges.add(exchange);
  }

  void remove(Exchange exchange) {
    exchanges.remove(exchange);
  }

  /** Exchanges that are not over. */
  public int active() {
    return exchanges.size();
  }

  private void sweep() {
    if (exchanges.isEmpty()) {
      return;
    }
    shared.dispatch().tick();
    long now = System.nanoTime();
    for (Exchange exchange : exchanges.toArray(new Exchange[0])) {
      exchange.sweep(now);
    }
  }

  /** Ends every exchange with an error: the grace of a shutdown is over. */
  public void cutAll() {
    for (Exchange exchange : exchanges.toArray(new Exchange[0])) {
      exchange.shutDown();
    }
  }

  public Future<Void> close() {
    vertx.cancelTimer(timer);
    return client.close();
  }
}

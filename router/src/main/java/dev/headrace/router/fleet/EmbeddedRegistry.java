package dev.headrace.router.fleet;

import dev.headrace.router.fleet.Registration.Beat;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The registry inside the router: workers register over the admin API and stay in the fleet as long
 * as their heartbeats arrive. Calls from any thread; the state lives on the event loop that called
 * {@link #start}.
 *
 * <p>After a restart of the router, workers known from disk have one ttl to send a heartbeat before
 * they count as down, so that a fleet does not have to register anew.
 */
public final class EmbeddedRegistry implements FleetSource {
  public static final String NAME = "embedded";

  private final Duration ttl;
  private final LongSupplier clock;
  private final RegistrationBook book;
  private List<WorkerSpec> lastKnown = List.of();
  private List<WorkerSpec> reported = List.of();
  private volatile @Nullable LoopGate gate;
  private @Nullable Consumer<List<WorkerSpec>> listener;
  private long sweeper = -1;

  /**
   * @param ttl a worker that is silent for so long is down
   * @param clock monotonic nanoseconds
   */
  public EmbeddedRegistry(Duration ttl, LongSupplier clock) {
    this.ttl = ttl;
    this.clock = clock;
    this.book = new RegistrationBook(ttl, clock);
  }

  @Override
  public String name() {
    return NAME;
  }

  /** How long a worker may be silent. */
  public Duration ttl() {
    return ttl;
  }

  @Override
  public void restore(List<WorkerSpec> workers) {
    lastKnown = List.copyOf(workers);
  }

  @Override
  public Future<Void> start(Consumer<List<WorkerSpec>> onChange) {
    Context context = Vertx.currentContext();
    if (context == null) {
      throw new IllegalStateException("a fleet source starts on an event loop");
    }
    LoopGate own = new LoopGate(context.owner(), context);
    gate = own;
    listener = onChange;
    lastKnown.forEach(spec -> book.register(spec, Beat.PASSING));
    lastKnown = List.of();
    reported = book.specs();
    onChange.accept(reported);
    sweep(own);
    return Future.succeededFuture();
  }

  /**
   * Registers a worker, or replaces its earlier registration.
   *
   * @return true when it replaced one
   */
  public Future<Boolean> register(Registration registration) {
    WorkerSpec spec =
        new WorkerSpec(
            NAME,
            registration.id(),
            registration.address(),
            registration.engine(),
            registration.models(),
            registration.maxConcurrency(),
            registration.weight(),
            false,
            false,
            null,
            registration.meta());
    return change(() -> book.register(spec, registration.beat()));
  }

  /**
   * Notes a sign of life.
   *
   * @return false when the worker is unknown and has to register
   */
  public Future<Boolean> heartbeat(String id, Beat beat) {
    return change(() -> book.heartbeat(id, beat));
  }

  /**
   * Removes a worker. Its live streams finish.
   *
   * @return false when it was unknown
   */
  public Future<Boolean> deregister(String id) {
    return change(() -> book.deregister(id));
  }

  @Override
  public Future<Void> stop() {
    LoopGate own = gate;
    if (own == null) {
      return Future.succeededFuture();
    }
    return own.call(
        () -> {
          listener = null;
          own.cancel(sweeper);
          return null;
        });
  }

  /** What it holds is right by definition. */
  @Override
  public Long confirmedAtNanos() {
    return clock.getAsLong();
  }

  private Future<Boolean> change(Callable<Boolean> step) {
    LoopGate own = gate;
    if (own == null) {
      return Future.failedFuture(new IllegalStateException("the registry has not started yet"));
    }
    return own.call(
        () -> {
          boolean outcome = step.call();
          report();
          return outcome;
        });
  }

  /** The timer's step is a tenth of the ttl: a silent worker is noticed at most so much late. */
  private void sweep(LoopGate own) {
    sweeper =
        own.timer(
            Math.max(10, ttl.toMillis() / 10),
            () -> {
              if (listener != null) {
                report();
                sweep(own);
              }
            });
  }

  private void report() {
    Consumer<List<WorkerSpec>> told = listener;
    List<WorkerSpec> now = book.specs();
    if (told != null && !now.equals(reported)) {
      reported = now;
      told.accept(now);
    }
  }
}

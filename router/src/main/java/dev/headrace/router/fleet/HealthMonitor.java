package dev.headrace.router.fleet;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerHealth.State;
import dev.headrace.worker.probe.LocalFault;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks each worker of the fleet for its health: at once when it is new, then at jittered intervals,
 * and sooner when a request on it failed ({@link CheckPace}). Sets {@link Worker.Live#health}.
 *
 * <p>A refused connection is the word of the worker's own machine and counts at once; every other
 * failure of a request needs a check that finds the worker down, too. What fails for a reason of
 * the router's own ({@link LocalFault}, {@link LoopLag}) counts for nothing.
 *
 * <p>State is confined to one event loop; {@link #report} and {@link #connectFailed} may be called
 * from any thread. At most {@value #CONCURRENCY} checks are under way at once.
 */
public final class HealthMonitor {
  private static final Logger LOG = Logger.getLogger(HealthMonitor.class.getName());
  private static final WorkerHealth REFUSED = WorkerHealth.down("connection refused");
  private static final int CONCURRENCY = 64;
  private static final long COMPLAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Hears of verdicts that changed, on the monitor's loop. */
  @FunctionalInterface
  public interface TransitionListener {
    void changed(Worker worker, State before, State after);
  }

  private final LoopGate gate;
  private final FleetDirectory directory;
  private final WorkerInquiry inquiry;
  private final HeadraceConfig.Health settings;
  private final Jitter jitter;
  private final Throttle throttle;
  private final LoopLag lag;
  private final Map<String, HealthWatch> watches = new HashMap<>();
  private final List<TransitionListener> listeners = new CopyOnWriteArrayList<>();
  private boolean stopped;
  private long complainedAt = System.nanoTime() - COMPLAIN_NANOS;

  /**
   * @param context the event loop that it lives on; best the directory's own
   */
  public HealthMonitor(
      Vertx vertx,
      Context context,
      FleetDirectory directory,
      WorkerInquiry inquiry,
      HeadraceConfig.Health settings,
      RandomGenerator random) {
    this.gate = new LoopGate(vertx, context);
    this.directory = directory;
    this.inquiry = inquiry;
    this.settings = settings;
    this.jitter = new Jitter(random);
    this.throttle = new Throttle(gate, CONCURRENCY);
    this.lag = new LoopLag(gate);
  }

  /**
   * Starts to watch the directory's fleet.
   *
   * @return succeeds when each worker that is in the fleet now has been checked once
   */
  public Future<Void> start() {
    Promise<Void> first = Promise.promise();
    gate.run(lag::start);
    directory.onChange(snapshot -> gate.run(() -> follow(snapshot)));
    directory
        .workers()
        .onComplete(
            ignored ->
                gate.run(
                    () ->
                        Future.join(
                                watches.values().stream()
                                    .map(watch -> watch.firstCheck.future())
                                    .toList())
                            .<Void>mapEmpty()
                            .onComplete(first)));
    return first.future();
  }

  public void onTransition(TransitionListener listener) {
    listeners.add(listener);
  }

  /** A request could not connect. Any thread. */
  public void connectFailed(Worker worker, String reason) {
    if (LocalFault.is(reason)) {
      return;
    }
    boolean refused = reason.toLowerCase(Locale.ROOT).contains("refused");
    if (refused) {
      worker.live().health(REFUSED);
    }
    gate.run(
        () -> {
          HealthWatch watch = watches.get(worker.spec().key());
          if (watch == null || watch.worker().live() != worker.live()) {
            return;
          }
          if (refused) {
            State before = watch.state();
            watch.refused(REFUSED);
            announce(watch, before);
          } else {
            watch.suspect();
          }
          checkSoon(watch);
        });
  }

  /** A request failed on the worker: where that tells of its health, it is asked. Any thread. */
  public void report(Worker worker, FailureKind kind) {
    if (kind == FailureKind.NOT_READY || kind == FailureKind.BROKEN) {
      gate.run(
          () -> {
            HealthWatch watch = watches.get(worker.spec().key());
            if (watch != null) {
              checkSoon(watch);
            }
          });
    }
    if (kind == FailureKind.UNKNOWN_MODEL) {
      directory.askAgain(worker.spec().key());
    }
  }

  /** Ends all checks. */
  public Future<Void> stop() {
    return gate.call(
        () -> {
          stopped = true;
          lag.stop();
          watches.values().forEach(this::drop);
          watches.clear();
          return null;
        });
  }

  private void follow(FleetSnapshot snapshot) {
    if (stopped) {
      return;
    }
    watches
        .values()
        .removeIf(
            watch -> {
              if (snapshot.workers().containsKey(watch.worker().spec().key())) {
                return false;
              }
              drop(watch);
              return true;
            });
    snapshot
        .workers()
        .forEach(
            (key, worker) -> {
              HealthWatch known = watches.get(key);
              if (known != null && known.worker().live() == worker.live()) {
                if (known.update(worker)) {
                  checkSoon(known);
                }
                return;
              }
              if (known != null) {
                drop(known);
              }
              HealthWatch watch = new HealthWatch(worker, settings, jitter);
              watches.put(key, watch);
              check(watch);
            });
  }

  /** While a check is under way its outcome says what comes next. */
  private void checkSoon(HealthWatch watch) {
    long wait = watch.pace.hurry(System.nanoTime());
    if (wait >= 0 && !watch.checking) {
      plan(watch, wait);
    }
  }

  private void plan(HealthWatch watch, long millis) {
    if (watch.timer >= 0) {
      gate.cancel(watch.timer);
      watch.timer = -1;
    }
    if (millis <= 0) {
      check(watch);
    } else {
      watch.timer =
          gate.timer(
              millis,
              () -> {
                watch.timer = -1;
                check(watch);
              });
    }
  }

  private void check(HealthWatch watch) {
    watch.checking = true;
    int round = watch.round;
    throttle
        .submit(
            () -> {
              watch.askedAt = System.nanoTime();
              watch.lostBefore = lag.nanos();
              WorkerSpec spec = watch.worker().spec();
              return inquiry.health(
                  spec.address(),
                  watch.worker().engine(),
                  spec.apiKey() == null ? null : spec.apiKey().reveal());
            })
        .onComplete(done -> gate.run(() -> settle(watch, round, done.result(), done.cause())));
  }

  private void settle(
      HealthWatch watch, int round, @Nullable WorkerHealth answer, @Nullable Throwable failure) {
    watch.checking = false;
    if (watch.gone) {
      return;
    }
    WorkerHealth seen = answer == null ? WorkerHealth.down("cannot be asked: " + failure) : answer;
    if (failure != null && LocalFault.is(failure)) {
      complain(String.valueOf(failure.getMessage()));
    } else if (seen.state() == State.DOWN && wasAway(watch)) {
      complain("the router was too busy to hear them");
    } else if (round == watch.round) {
      judge(watch, seen);
    }
    watch.firstCheck.tryComplete();
    boolean ready = watch.state() == State.READY && round == watch.round;
    plan(watch, watch.pace.ended(ready, System.nanoTime()));
  }

  /** Silence, while the loop lost so much time that an answer may have had none left. */
  private boolean wasAway(HealthWatch watch) {
    long timeout = settings.timeout().toNanos();
    return System.nanoTime() - watch.askedAt >= timeout
        && lag.nanos() - watch.lostBefore > timeout / 4;
  }

  private void complain(String why) {
    long now = System.nanoTime();
    if (now - complainedAt >= COMPLAIN_NANOS) {
      complainedAt = now;
      LOG.log(Level.WARNING, "Workers cannot be checked, and stay as they are: {0}", why);
    }
  }

  private void judge(HealthWatch watch, WorkerHealth seen) {
    State before = watch.state();
    watch.observe(seen);
    announce(watch, before);
    if (watch.state() != before
        && watch.state() == State.READY
        && watch.firstCheck.future().isComplete()) {
      directory.askAgain(watch.worker().spec().key());
    }
  }

  private void announce(HealthWatch watch, State before) {
    State after = watch.state();
    if (before != after) {
      directory.looked(watch.worker().spec().key());
      listeners.forEach(listener -> listener.changed(watch.worker(), before, after));
    }
  }

  private void drop(HealthWatch watch) {
    watch.gone = true;
    watch.firstCheck.tryComplete();
    if (watch.timer >= 0) {
      gate.cancel(watch.timer);
      watch.timer = -1;
    }
  }
}

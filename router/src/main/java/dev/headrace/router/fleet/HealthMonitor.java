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

  private final class Watch {
    Worker worker;
    final HealthJudge judge;
    final CheckPace pace = new CheckPace(settings.interval(), jitter, System.nanoTime());
    boolean checking;
    long lostBefore;
    boolean gone;
    boolean suspect;
    boolean seenReady;
    boolean seenUnwell;
    int round;
    long timer = -1;
    final Promise<Void> firstCheck = Promise.promise();

    Watch(Worker worker) {
      this.worker = worker;
      this.judge =
          new HealthJudge(settings.failures(), settings.successes(), worker.live().health());
    }
  }

  private final LoopGate gate;
  private final FleetDirectory directory;
  private final WorkerInquiry inquiry;
  private final HeadraceConfig.Health settings;
  private final Jitter jitter;
  private final Throttle throttle;
  private final LoopLag lag;
  private final Map<String, Watch> watches = new HashMap<>();
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
          Watch watch = watches.get(worker.spec().key());
          if (watch == null || watch.worker.live() != worker.live()) {
            return;
          }
          State before = watch.judge.verdict().state();
          if (!refused) {
            watch.suspect = true;
          } else if (before != State.DOWN) {
            watch.judge.convicted(REFUSED);
            watch.round++;
          }
          if (refused) {
            worker.live().health(watch.judge.verdict());
            announce(worker, before, State.DOWN);
          }
          checkSoon(watch);
        });
  }

  /** A request failed on the worker: where that tells of its health, it is asked. Any thread. */
  public void report(Worker worker, FailureKind kind) {
    if (kind == FailureKind.NOT_READY || kind == FailureKind.BROKEN) {
      gate.run(
          () -> {
            Watch watch = watches.get(worker.spec().key());
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
              if (snapshot.workers().containsKey(watch.worker.spec().key())) {
                return false;
              }
              drop(watch);
              return true;
            });
    snapshot
        .workers()
        .forEach(
            (key, worker) -> {
              Watch known = watches.get(key);
              if (known != null && known.worker.live() == worker.live()) {
                update(known, worker);
                return;
              }
              if (known != null) {
                drop(known);
              }
              Watch watch = new Watch(worker);
              watches.put(key, watch);
              check(watch);
            });
  }

  private void update(Watch watch, Worker worker) {
    boolean moved = !watch.worker.spec().address().equals(worker.spec().address());
    watch.worker = worker;
    WorkerHealth now = worker.live().health();
    if (moved || !now.equals(watch.judge.verdict())) {
      watch.judge.settled(now);
      watch.round++;
      if (moved) {
        watch.suspect = false;
        watch.pace.anew(System.nanoTime());
      }
      checkSoon(watch);
    }
  }

  /** While a check is under way its outcome says what comes next. */
  private void checkSoon(Watch watch) {
    long wait = watch.pace.hurry(System.nanoTime());
    if (wait >= 0 && !watch.checking) {
      plan(watch, wait);
    }
  }

  private void plan(Watch watch, long millis) {
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

  private void check(Watch watch) {
    watch.checking = true;
    int round = watch.round;
    throttle
        .submit(
            () -> {
              watch.lostBefore = lag.nanos();
              WorkerSpec spec = watch.worker.spec();
              return inquiry.health(
                  spec.address(),
                  watch.worker.engine(),
                  spec.apiKey() == null ? null : spec.apiKey().reveal());
            })
        .onComplete(done -> gate.run(() -> settle(watch, round, done.result(), done.cause())));
  }

  private void settle(
      Watch watch, int round, @Nullable WorkerHealth answer, @Nullable Throwable failure) {
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
    boolean ready = watch.judge.verdict().ready() && round == watch.round;
    plan(watch, watch.pace.ended(ready, System.nanoTime()));
  }

  /** The loop lost so much time during the check that the answer may have had none left. */
  private boolean wasAway(Watch watch) {
    return lag.nanos() - watch.lostBefore > settings.timeout().toNanos() / 4;
  }

  private void complain(String why) {
    long now = System.nanoTime();
    if (now - complainedAt >= COMPLAIN_NANOS) {
      complainedAt = now;
      LOG.log(Level.WARNING, "Workers cannot be checked, and stay as they are: {0}", why);
    }
  }

  private void judge(Watch watch, WorkerHealth seen) {
    State before = watch.judge.verdict().state();
    boolean convicted = watch.suspect && seen.state() == State.DOWN;
    WorkerHealth verdict = convicted ? watch.judge.convicted(seen) : watch.judge.observe(seen);
    watch.suspect = false;
    watch.seenUnwell |= watch.seenReady && !seen.ready();
    watch.seenReady |= seen.ready();
    watch.worker.live().health(verdict);
    watch.worker.ledger().rest(System.nanoTime());
    if (verdict.state() != before) {
      announce(watch.worker, before, verdict.state());
      if (verdict.ready()) {
        watch.worker.ledger().recovered();
        if (watch.seenUnwell) {
          // A connection that failed once, with every check good, is no restart.
          watch.worker.live().recovered();
        }
        watch.seenUnwell = false;
      }
      if (verdict.ready() && watch.firstCheck.future().isComplete()) {
        directory.askAgain(watch.worker.spec().key());
      }
    }
  }

  private void announce(Worker worker, State before, State after) {
    if (before != after) {
      directory.looked(worker.spec().key());
      listeners.forEach(listener -> listener.changed(worker, before, after));
    }
  }

  private void drop(Watch watch) {
    watch.gone = true;
    watch.firstCheck.tryComplete();
    if (watch.timer >= 0) {
      gate.cancel(watch.timer);
      watch.timer = -1;
    }
  }
}

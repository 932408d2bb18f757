package dev.headrace.router.fleet;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.FailureKind;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerHealth.State;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;

/**
 * Asks each worker of the fleet for its health: at once when it is new, then at jittered intervals,
 * and at once again when a request on it failed. Sets {@link Worker.Live#health}.
 *
 * <p>State is confined to one event loop; {@link #report} and {@link #connectFailed} may be called
 * from any thread. At most {@value #CONCURRENCY} checks are under way at once.
 */
public final class HealthMonitor {
  private static final int CONCURRENCY = 64;

  /** Hears of verdicts that changed, on the monitor's loop. */
  @FunctionalInterface
  public interface TransitionListener {
    void changed(Worker worker, State before, State after);
  }

  private final class Watch {
    Worker worker;
    final HealthJudge judge;
    boolean checking;
    boolean checkAgain;
    boolean gone;
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
  private final Map<String, Watch> watches = new HashMap<>();
  private final List<TransitionListener> listeners = new CopyOnWriteArrayList<>();
  private boolean stopped;

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
  }

  /**
   * Starts to watch the directory's fleet.
   *
   * @return succeeds when each worker that is in the fleet now has been checked once
   */
  public Future<Void> start() {
    Promise<Void> first = Promise.promise();
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

  /** A request could not connect: the worker is down at once, and asked at once. Any thread. */
  public void connectFailed(Worker worker, String reason) {
    WorkerHealth down = WorkerHealth.down(reason);
    worker.live().health(down);
    gate.run(
        () -> {
          Watch watch = watches.get(worker.spec().key());
          if (watch != null && watch.worker.live() == worker.live()) {
            State before = watch.judge.verdict().state();
            watch.judge.refused(down);
            watch.round++;
            worker.live().health(down);
            announce(worker, before, State.DOWN);
            checkNow(watch);
          }
        });
  }

  /** A request failed on the worker: where that tells of its health, it is asked. Any thread. */
  public void report(Worker worker, FailureKind kind) {
    if (kind == FailureKind.NOT_READY || kind == FailureKind.BROKEN) {
      gate.run(
          () -> {
            Watch watch = watches.get(worker.spec().key());
            if (watch != null && !watch.checking) {
              checkNow(watch);
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
              checkNow(watch);
            });
  }

  private void update(Watch watch, Worker worker) {
    boolean moved = !watch.worker.spec().address().equals(worker.spec().address());
    watch.worker = worker;
    WorkerHealth now = worker.live().health();
    if (moved || !now.equals(watch.judge.verdict())) {
      watch.judge.settled(now);
      watch.round++;
      checkNow(watch);
    }
  }

  private void checkNow(Watch watch) {
    if (watch.gone) {
      return;
    }
    if (watch.timer >= 0) {
      gate.cancel(watch.timer);
      watch.timer = -1;
    }
    if (watch.checking) {
      watch.checkAgain = true;
      return;
    }
    watch.checking = true;
    throttle.submit(
        () -> {
          int round = watch.round;
          WorkerSpec spec = watch.worker.spec();
          return inquiry
              .health(
                  spec.address(),
                  watch.worker.engine(),
                  spec.apiKey() == null ? null : spec.apiKey().reveal())
              .otherwise(failure -> WorkerHealth.down(String.valueOf(failure.getMessage())))
              .onSuccess(seen -> gate.run(() -> settle(watch, round, seen)));
        });
  }

  private void settle(Watch watch, int round, WorkerHealth seen) {
    watch.checking = false;
    if (watch.gone) {
      return;
    }
    if (round == watch.round) {
      judge(watch, seen);
    }
    watch.firstCheck.tryComplete();
    if (watch.checkAgain) {
      watch.checkAgain = false;
      checkNow(watch);
      return;
    }
    watch.timer =
        gate.timer(
            jitter.around(settings.interval()),
            () -> {
              watch.timer = -1;
              checkNow(watch);
            });
  }

  private void judge(Watch watch, WorkerHealth seen) {
    State before = watch.judge.verdict().state();
    WorkerHealth verdict = watch.judge.observe(seen);
    watch.worker.live().health(verdict);
    watch.worker.ledger().rest(System.nanoTime());
    if (verdict.state() != before) {
      announce(watch.worker, before, verdict.state());
      if (verdict.ready()) {
        watch.worker.ledger().recovered();
      }
      if (verdict.ready() && watch.firstCheck.future().isComplete()) {
        directory.askAgain(watch.worker.spec().key());
      }
    }
  }

  private void announce(Worker worker, State before, State after) {
    if (before != after) {
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

package dev.headrace.router.fleet;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerHealth.State;
import io.vertx.core.Promise;

/** What the monitor holds of one worker. Confined to its loop. */
final class HealthWatch {
  final CheckPace pace;
  final Promise<Void> firstCheck = Promise.promise();
  private final HealthJudge judge;
  private Worker worker;
  private boolean suspect;
  private boolean seenReady;
  private boolean seenUnwell;

  /** Grows when the answer to what is being asked no longer counts. */
  int round;

  boolean checking;
  boolean gone;
  long timer = -1;
  long askedAt;
  long lostBefore;

  HealthWatch(Worker worker, HeadraceConfig.Health settings, Jitter jitter) {
    this.worker = worker;
    this.pace = new CheckPace(settings.interval(), jitter, System.nanoTime());
    this.judge = new HealthJudge(settings.failures(), settings.successes(), worker.live().health());
  }

  Worker worker() {
    return worker;
  }

  State state() {
    return judge.verdict().state();
  }

  /**
   * Takes its description of now.
   *
   * @return true when it has to be checked soon, since another process may be there, or somebody
   *     else has settled its health
   */
  boolean update(Worker now) {
    boolean moved = !worker.spec().address().equals(now.spec().address());
    worker = now;
    WorkerHealth health = now.live().health();
    if (!moved && health.equals(judge.verdict())) {
      return false;
    }
    judge.settled(health);
    round++;
    if (moved) {
      suspect = false;
      pace.anew(System.nanoTime());
    }
    return true;
  }

  /** A request could not connect: one check that agrees is enough. */
  void suspect() {
    suspect = true;
  }

  /** A request was refused: that is proof enough. */
  void refused(WorkerHealth down) {
    if (state() != State.DOWN) {
      judge.convicted(down);
      round++;
    }
    worker.live().health(judge.verdict());
  }

  /** Takes the answer to a check. */
  void observe(WorkerHealth seen) {
    State before = state();
    boolean convicted = suspect && seen.state() == State.DOWN;
    WorkerHealth verdict = convicted ? judge.convicted(seen) : judge.observe(seen);
    suspect = false;
    seenUnwell |= seenReady && !seen.ready();
    seenReady |= seen.ready();
    worker.live().health(verdict);
    worker.ledger().rest(System.nanoTime());
    if (verdict.ready() && before != State.READY) {
      worker.ledger().recovered();
      if (seenUnwell) {
        // A connection that failed once, with every check good, is no restart.
        worker.live().recovered();
      }
      seenUnwell = false;
    }
  }
}

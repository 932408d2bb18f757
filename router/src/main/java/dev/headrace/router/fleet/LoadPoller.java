package dev.headrace.router.fleet;

import dev.headrace.router.balance.EngineGauges;
import dev.headrace.worker.load.WorkerLoad;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Reads the load that routable workers report of themselves, at jittered intervals, and puts it
 * into {@link Worker#polled}. A reading that tells nothing leaves the last one, whose age shows,
 * and which fades. Confined to one event loop; at most {@value #CONCURRENCY} readings are under way
 * at once.
 */
public final class LoadPoller {
  private static final int CONCURRENCY = 32;

  private static final class Poll {
    Worker worker;
    boolean gone;
    long timer = -1;

    Poll(Worker worker) {
      this.worker = worker;
    }
  }

  private final LoopGate gate;
  private final FleetDirectory directory;
  private final WorkerInquiry inquiry;
  private final Duration interval;
  private final Jitter jitter;
  private final Throttle throttle;
  private final Map<String, Poll> polls = new HashMap<>();
  private boolean stopped;

  /**
   * @param interval between two readings of one worker
   */
  public LoadPoller(
      Vertx vertx,
      Context context,
      FleetDirectory directory,
      WorkerInquiry inquiry,
      Duration interval,
      RandomGenerator random) {
    this.gate = new LoopGate(vertx, context);
    this.directory = directory;
    this.inquiry = inquiry;
    this.interval = interval;
    this.jitter = new Jitter(random);
    this.throttle = new Throttle(gate, CONCURRENCY);
  }

  /** Starts to follow the directory's fleet. */
  public void start() {
    directory.onChange(snapshot -> gate.run(() -> follow(snapshot)));
  }

  /** Ends all readings. */
  public Future<Void> stop() {
    return gate.call(
        () -> {
          stopped = true;
          polls.values().forEach(this::drop);
          polls.clear();
          return null;
        });
  }

  private void follow(FleetSnapshot snapshot) {
    if (stopped) {
      return;
    }
    polls
        .values()
        .removeIf(
            poll -> {
              Worker now = snapshot.workers().get(poll.worker.spec().key());
              if (now != null && now.live() == poll.worker.live()) {
                poll.worker = now;
                return false;
              }
              drop(poll);
              return true;
            });
    snapshot
        .workers()
        .forEach(
            (key, worker) -> {
              if (!polls.containsKey(key)) {
                Poll poll = new Poll(worker);
                polls.put(key, poll);
                read(poll);
              }
            });
  }

  private void read(Poll poll) {
    if (poll.worker.unroutable() != null || poll.worker.engine().loadReaders().isEmpty()) {
      again(poll);
      return;
    }
    throttle.submit(() -> ask(poll)).onComplete(done -> gate.run(() -> again(poll)));
  }

  private Future<WorkerLoad> ask(Poll poll) {
    WorkerSpec spec = poll.worker.spec();
    EngineGauges.Account asked = poll.worker.ledger().account();
    return inquiry
        .load(
            spec.address(),
            poll.worker.engine(),
            spec.apiKey() == null ? null : spec.apiKey().reveal())
        .onSuccess(
            load ->
                gate.run(
                    () -> {
                      if (load.known()) {
                        poll.worker.polled(load, asked);
                      }
                    }));
  }

  private void again(Poll poll) {
    if (!poll.gone) {
      poll.worker.ledger().fade(System.nanoTime());
      poll.timer = gate.timer(jitter.around(interval), () -> read(poll));
    }
  }

  private void drop(Poll poll) {
    poll.gone = true;
    if (poll.timer >= 0) {
      gate.cancel(poll.timer);
    }
  }
}

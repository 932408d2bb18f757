package dev.headrace.worker.agent;

import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows the engine: what it is, which models it serves, whether it answers. Confined to its
 * context; one question at a time.
 *
 * <p>An engine that was ready is called down after two failed questions in a row, the second one
 * soon after the first: a busy engine may miss one. Every other change counts at once. The
 * description is asked for again each time the engine becomes ready, and from time to time while it
 * is, since adapters come and go.
 */
final class EngineWatch {
  private static final Duration SOON = Duration.ofMillis(250);
  private static final int FAILURES = 2;

  /**
   * What is known of the engine.
   *
   * @param profile null until it was described for the first time
   */
  record Observation(@Nullable WorkerProfile profile, WorkerHealth health) {}

  private final Context context;
  private final EngineAccess engine;
  private final Duration interval;
  private final Duration describeEvery;
  private final LongSupplier nanos;
  private final Consumer<Observation> onChange;
  private Observation last = new Observation(null, WorkerHealth.down("not asked yet"));
  private long describedAt;
  private int failures;
  private boolean asking;
  private boolean stopped;
  private long timer = -1;

  EngineWatch(
      Context context,
      EngineAccess engine,
      Duration interval,
      Duration describeEvery,
      LongSupplier nanos,
      Consumer<Observation> onChange) {
    this.context = context;
    this.engine = engine;
    this.interval = interval;
    this.describeEvery = describeEvery;
    this.nanos = nanos;
    this.onChange = onChange;
  }

  void start() {
    ask();
  }

  void stop() {
    stopped = true;
    cancel();
  }

  Observation last() {
    return last;
  }

  /** The process behind it has ended: no need to find that out. */
  void ended(String reason) {
    failures = FAILURES;
    observe(new Observation(last.profile(), WorkerHealth.down(reason)));
  }

  private void ask() {
    if (stopped || asking) {
      return;
    }
    asking = true;
    WorkerProfile profile = last.profile();
    Future<Observation> answer =
        profile == null ? first() : engine.health(profile.engine()).compose(h -> next(profile, h));
    // What could not be asked is as it was.
    answer.onComplete(
        result -> context.runOnContext(v -> answered(result.succeeded() ? result.result() : last)));
  }

  private Future<Observation> first() {
    return engine
        .describe()
        .compose(
            profile ->
                engine
                    .health(profile.engine())
                    .map(
                        health -> {
                          describedAt = nanos.getAsLong();
                          return new Observation(profile, health);
                        }))
        .otherwise(failure -> new Observation(null, WorkerHealth.down(message(failure))));
  }

  private Future<Observation> next(WorkerProfile known, WorkerHealth health) {
    boolean due =
        !last.health().ready() || nanos.getAsLong() - describedAt >= describeEvery.toNanos();
    if (!health.ready() || !due) {
      return Future.succeededFuture(new Observation(known, health));
    }
    return engine
        .describe()
        .map(
            profile -> {
              describedAt = nanos.getAsLong();
              return new Observation(profile, health);
            })
        .otherwise(failure -> new Observation(known, health));
  }

  private void answered(Observation now) {
    asking = false;
    if (stopped) {
      return;
    }
    boolean down = now.health().state() == WorkerHealth.State.DOWN;
    failures = down ? failures + 1 : 0;
    boolean doubtful = down && last.health().ready() && failures < FAILURES;
    if (!doubtful) {
      observe(now);
    }
    again(doubtful ? SOON : interval);
  }

  private void observe(Observation now) {
    if (!now.equals(last)) {
      last = now;
      onChange.accept(now);
    }
  }

  private void again(Duration pause) {
    cancel();
    timer =
        context
            .owner()
            .setTimer(
                pause.toMillis(),
                id -> {
                  timer = -1;
                  ask();
                });
  }

  private void cancel() {
    if (timer >= 0) {
      context.owner().cancelTimer(timer);
      timer = -1;
    }
  }

  private static String message(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}

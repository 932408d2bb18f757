package dev.headrace.router.fleet.consul;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.ext.consul.BlockingQueryOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One endless conversation with Consul: asks, waits for a change, hands the answer on, asks again.
 * Confined to its context; at most one query is under way.
 *
 * <p>States: idle → asking ⇄ pausing → stopped. A result that comes after the stop is dropped.
 *
 * @param <T> what an answer holds
 */
final class BlockingQuery<T> {

  /** An answer with Consul's index for it. */
  record Answer<T>(long index, T value) {}

  /** Asks Consul once. */
  @FunctionalInterface
  interface Question<T> {
    Future<Answer<T>> ask(BlockingQueryOptions options);
  }

  /** Hears what became of each query. */
  interface Listener<T> {
    /**
     * @param restarted the index went backwards: Consul may have lost what it knew
     * @return true when the answer changed something
     */
    boolean answered(T value, boolean restarted);

    void failed(Throwable cause);
  }

  private final Context context;
  private final String wait;
  private final QueryPace pace;
  private final LongSupplier nanos;
  private final Question<T> question;
  private final Listener<T> listener;
  private final QueryIndex index = new QueryIndex();
  private boolean stopped;
  private long timer = -1;

  BlockingQuery(
      Context context,
      Duration wait,
      QueryPace pace,
      LongSupplier nanos,
      Question<T> question,
      Listener<T> listener) {
    this.context = context;
    this.wait = wait.toMillis() + "ms";
    this.pace = pace;
    this.nanos = nanos;
    this.question = question;
    this.listener = listener;
  }

  void start() {
    ask();
  }

  void stop() {
    stopped = true;
    if (timer >= 0) {
      context.owner().cancelTimer(timer);
      timer = -1;
    }
  }

  private void ask() {
    if (stopped) {
      return;
    }
    long started = nanos.getAsLong();
    BlockingQueryOptions options = new BlockingQueryOptions().setIndex(index.next()).setWait(wait);
    Future<Answer<T>> asked;
    try {
      asked = question.ask(options);
    } catch (RuntimeException e) {
      asked = Future.failedFuture(e);
    }
    asked.onComplete(result -> context.runOnContext(v -> settled(started, result)));
  }

  private void settled(long started, io.vertx.core.AsyncResult<Answer<T>> result) {
    if (stopped) {
      return;
    }
    long delay;
    if (result.succeeded()) {
      Answer<T> answer = result.result();
      boolean restarted = index.answered(answer.index());
      boolean changed = listener.answered(answer.value(), restarted);
      delay = pace.afterAnswer(started, nanos.getAsLong(), changed);
    } else {
      index.failed();
      listener.failed(result.cause());
      delay = pace.afterFailure();
    }
    again(delay);
  }

  private void again(long delayNanos) {
    long millis = TimeUnit.NANOSECONDS.toMillis(delayNanos + 999_999);
    if (millis <= 0) {
      ask();
      return;
    }
    timer =
        context
            .owner()
            .setTimer(
                millis,
                id -> {
                  timer = -1;
                  ask();
                });
  }
}

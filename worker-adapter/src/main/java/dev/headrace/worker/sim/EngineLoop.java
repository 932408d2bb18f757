package dev.headrace.worker.sim;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Drives the {@link CostModel} with real time: one timer for the next step of the whole batch,
 * never one per stream. What streams have to write is written once per tick, however many steps
 * passed. Confined to the worker's event loop.
 */
final class EngineLoop {
  /** A stream with tokens to write. */
  interface Writer {
    void flush();
  }

  private final Vertx vertx;
  private final CostModel model;
  private final Counters counters;
  private List<Writer> dirty = new ArrayList<>();
  private List<Writer> spare = new ArrayList<>();
  private long timer = -1;
  private long timerDue;
  private boolean advancing;
  private boolean again;
  private long lastTick = System.nanoTime();

  EngineLoop(Vertx vertx, CostModel model, Counters counters) {
    this.vertx = vertx;
    this.model = model;
    this.counters = counters;
  }

  CostModel model() {
    return model;
  }

  /**
   * Queues a prompt; nothing happens to it before {@link #kick}.
   *
   * @return null when it can never fit into the KV cache
   */
  CostModel.@Nullable Sequence submit(
      int[] prompt, long salt, int maxTokens, CostModel.Listener listener) {
    // What is due ends first, or the newcomer would join a step of the past.
    tick();
    return model.submit(prompt, salt, maxTokens, listener);
  }

  /** Lets the engine begin with what was queued. */
  void kick() {
    counters.load(model);
    tick(lastTick);
  }

  void cancel(CostModel.Sequence sequence) {
    model.cancel(sequence);
    counters.load(model);
  }

  /** Asks to be flushed at the end of the tick; only from within a listener's call. */
  void written(Writer writer) {
    dirty.add(writer);
  }

  void stop() {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }

  private void tick() {
    tick(System.nanoTime());
  }

  private void tick(long now) {
    if (advancing) {
      // An answer that ends lets the next request of its connection begin, inside of this.
      again = true;
      return;
    }
    advancing = true;
    lastTick = now;
    long next;
    do {
      again = false;
      next = model.advance(now);
      counters.load(model);
      while (!dirty.isEmpty()) {
        List<Writer> batch = dirty;
        dirty = spare;
        spare = batch;
        for (Writer writer : batch) {
          writer.flush();
        }
        batch.clear();
      }
    } while (again);
    advancing = false;
    schedule(next);
  }

  private void schedule(long due) {
    if (due == Long.MAX_VALUE || (timer >= 0 && timerDue - due <= 0)) {
      return;
    }
    stop();
    timerDue = due;
    long millis = Math.max(1, (due - System.nanoTime() + 999_999) / 1_000_000);
    timer =
        vertx.setTimer(
            millis,
            fired -> {
              timer = -1;
              tick();
            });
  }
}

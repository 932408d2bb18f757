package dev.headrace.router.fleet;

import java.util.concurrent.TimeUnit;

/**
 * How much time an event loop has lost: how late its ticks came, all in all. Where the loop was
 * away, an answer that did not come says nothing of whoever was asked. Confined to the loop.
 */
final class LoopLag {
  private static final long TICK_MILLIS = 50;
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);

  private final LoopGate gate;
  private long lost;
  private long due;
  private long timer = -1;

  LoopLag(LoopGate gate) {
    this.gate = gate;
  }

  void start() {
    due = System.nanoTime() + TICK_NANOS;
    timer =
        gate.timer(
            TICK_MILLIS,
            () -> {
              lost = nanos();
              start();
            });
  }

  void stop() {
    gate.cancel(timer);
  }

  /** What was lost since the start [ns]; only differences say something. */
  long nanos() {
    return lost + Math.max(0, System.nanoTime() - due);
  }
}

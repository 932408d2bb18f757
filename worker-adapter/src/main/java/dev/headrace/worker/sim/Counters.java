package dev.headrace.worker.sim;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts behind {@link SimStats}. Written on the worker's event loop, read by any thread. */
final class Counters {
  final LongAdder served = new LongAdder();
  final LongAdder completed = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder aborted = new LongAdder();
  final LongAdder faulted = new LongAdder();
  final LongAdder generatedTokens = new LongAdder();
  final LongAdder tokensAfterAbort = new LongAdder();
  final LongAdder promptTokens = new LongAdder();
  final LongAdder cachedTokens = new LongAdder();
  final LongAdder connectionsAccepted = new LongAdder();
  final AtomicInteger connections = new AtomicInteger();
  private final Map<String, LongAdder> byEndpoint = new ConcurrentHashMap<>();
  private volatile int running;
  private volatile int waiting;
  private volatile int peakRunning;
  private volatile int peakInFlight;

  void asked(String endpoint) {
    served.increment();
    byEndpoint.computeIfAbsent(endpoint, added -> new LongAdder()).increment();
  }

  /** Takes over what the engine does now. */
  void load(CostModel model) {
    running = model.running();
    waiting = model.waiting();
    peakRunning = Math.max(peakRunning, running);
    peakInFlight = Math.max(peakInFlight, running + waiting);
  }

  SimStats stats(SimOptions options) {
    Map<String, Long> endpoints = new TreeMap<>();
    byEndpoint.forEach((endpoint, count) -> endpoints.put(endpoint, count.sum()));
    return new SimStats(
        options.name(),
        options.engine(),
        served.sum(),
        completed.sum(),
        refused.sum(),
        aborted.sum(),
        faulted.sum(),
        generatedTokens.sum(),
        tokensAfterAbort.sum(),
        promptTokens.sum(),
        cachedTokens.sum(),
        running,
        waiting,
        peakRunning,
        peakInFlight,
        connections.get(),
        connectionsAccepted.sum(),
        endpoints);
  }

  /** Forgets all but what is still open. */
  void reset() {
    for (LongAdder count :
        new LongAdder[] {
          served,
          completed,
          refused,
          aborted,
          faulted,
          generatedTokens,
          tokensAfterAbort,
          promptTokens,
          cachedTokens,
          connectionsAccepted
        }) {
      count.reset();
    }
    peakRunning = running;
    peakInFlight = running + waiting;
    byEndpoint.clear();
  }
}

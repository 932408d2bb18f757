package dev.headrace.worker.sim;

import java.util.List;

/**
 * What an engine's own pages show.
 *
 * @param running load figure, as told: a fault may have changed it
 * @param waiting load figure, as told
 * @param waitingTokens prompt tokens of those that wait
 * @param kvUsage share of KV blocks in use, 0..1, as told
 * @param slots one entry per running request, fewer than the slots when some are idle
 * @param startedAt Unix time of the start in seconds
 * @param now Unix time in seconds
 */
record EngineView(
    SimOptions options,
    SimStats stats,
    int running,
    int waiting,
    long waitingTokens,
    double kvUsage,
    long preemptions,
    List<Slot> slots,
    long startedAt,
    double now) {

  /** What one slot does. */
  record Slot(int promptTokens, int cachedTokens, int decoded, int remaining) {}
}

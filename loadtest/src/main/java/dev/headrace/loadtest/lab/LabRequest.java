package dev.headrace.loadtest.lab;

import dev.headrace.router.balance.Lease;
import org.jspecify.annotations.Nullable;

/**
 * One request of a simulated run: what the workload gave it, and what became of it. Times are
 * seconds of virtual time; NaN until they happened. Confined to the simulation's thread.
 */
final class LabRequest {
  final int id;
  final double arrival;
  final int promptTokens;
  final int outputTokens;

  /** Hashes of the prompt's blocks, chained; empty when the workload has no shared prefixes. */
  final long[] blocks;

  /** Session that it belongs to, or -1. */
  final int session;

  /** Priority class: 0 high, 1 medium, 2 low. */
  final int priority;

  int cachedTokens;
  int prefillLeft;
  int decodeLeft;
  double dispatched = Double.NaN;
  double firstToken = Double.NaN;
  double finished = Double.NaN;
  int worker = -1;
  int router;
  boolean failed;
  @Nullable Lease<?> lease;

  LabRequest(
      int id,
      double arrival,
      int promptTokens,
      int outputTokens,
      long[] blocks,
      int session,
      int priority) {
    this.id = id;
    this.arrival = arrival;
    this.promptTokens = promptTokens;
    this.outputTokens = outputTokens;
    this.blocks = blocks;
    this.session = session;
    this.priority = priority;
  }

  double ttft() {
    return firstToken - arrival;
  }

  /** Mean time per output token after the first, or NaN for an output of one token. */
  double tpot() {
    return outputTokens > 1 ? (finished - firstToken) / (outputTokens - 1) : Double.NaN;
  }
}

package dev.headrace.loadtest.lab;

import dev.headrace.router.balance.Affinity;
import dev.headrace.router.balance.Lease;
import dev.headrace.router.scan.Prefix;
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

  /** Bytes of the prompt: all that a router sees of its length. */
  final int promptBytes;

  /** Hashes of the prompt's blocks, chained; empty when the workload has no shared prefixes. */
  final long[] blocks;

  /** What a router knows of its session, see {@link Affinity}. */
  final long affinity;

  int cachedTokens;

  /** Blocks of the prompt that the cache holds by their hash for this request. */
  int sharedBlocks;

  /** Blocks that are this request's alone. */
  int ownBlocks;

  int prefillLeft;
  int decodeLeft;
  double dispatched = Double.NaN;
  double firstToken = Double.NaN;
  double finished = Double.NaN;
  int worker = -1;
  int attempts;
  @Nullable Lease<?> lease;

  LabRequest(
      int id, double arrival, int promptTokens, int outputTokens, int promptBytes, long[] blocks) {
    this(id, arrival, promptTokens, outputTokens, promptBytes, blocks, Affinity.NONE);
  }

  LabRequest(
      int id,
      double arrival,
      int promptTokens,
      int outputTokens,
      int promptBytes,
      long[] blocks,
      long affinity) {
    this.id = id;
    this.arrival = arrival;
    this.promptTokens = promptTokens;
    this.outputTokens = outputTokens;
    this.blocks = blocks;
    this.promptBytes = promptBytes;
    this.affinity = affinity;
  }

  /** The prompt's beginning as a router sees it; null when it shares nothing. */
  @Nullable Prefix prefix() {
    if (blocks.length == 0) {
      return null;
    }
    int[] ends = new int[blocks.length];
    for (int i = 0; i < ends.length; i++) {
      ends[i] = (i + 1) * SessionWorkload.BLOCK_TOKENS;
    }
    return new Prefix(blocks, ends, promptTokens);
  }

  double ttft() {
    return firstToken - arrival;
  }

  /** Mean time per output token after the first, or NaN for an output of one token. */
  double tpot() {
    return outputTokens > 1 ? (finished - firstToken) / (outputTokens - 1) : Double.NaN;
  }
}

package dev.headrace.worker.sim;

/**
 * The speeds and sizes of a simulated engine; see {@link CostModel} for the formula.
 *
 * @param prefillTokensPerSecond prompt tokens computed per second, above 0
 * @param stepMillis time of one decode step with no sequence in it, in milliseconds, 0 or more
 * @param stepMillisPerSequence what each sequence adds to a decode step, in milliseconds, 0 or more
 * @param chunkTokens most tokens (decode and prefill together) in one step, at least 1
 * @param slots most sequences that run at the same time, at least 1
 * @param kvBlocks blocks of the KV cache, at least 1
 * @param blockTokens tokens in one block, at least 1
 * @param jitter share by which a step's time varies at random, 0 to below 1
 */
public record CostParameters(
    double prefillTokensPerSecond,
    double stepMillis,
    double stepMillisPerSequence,
    int chunkTokens,
    int slots,
    int kvBlocks,
    int blockTokens,
    double jitter) {

  public CostParameters {
    require(prefillTokensPerSecond > 0, "prefill must be above 0 tokens per second");
    require(stepMillis >= 0 && stepMillis <= 60_000, "a decode step must be 0 to 60000 ms");
    require(
        stepMillisPerSequence >= 0 && stepMillisPerSequence <= 60_000,
        "a decode step's time per sequence must be 0 to 60000 ms");
    require(chunkTokens >= 1, "chunk tokens must be at least 1");
    require(slots >= 1, "slots must be at least 1");
    require(kvBlocks >= 1, "KV blocks must be at least 1");
    require(blockTokens >= 1, "tokens per block must be at least 1");
    require(jitter >= 0 && jitter < 1, "jitter must be 0 or more and below 1");
  }

  /** A middling accelerator: 8000 prompt tokens/s, 20 ms a step and 0.1 ms more per sequence. */
  public static CostParameters standard() {
    return new CostParameters(8000, 20, 0.1, 2048, 256, 32_768, 16, 0);
  }

  /** No time passes: for tests of the wire format and for load on what stands before the engine. */
  public static CostParameters instant() {
    return new CostParameters(1e12, 0, 0, 1 << 24, 4096, 1 << 20, 16, 0);
  }

  /** Each stream at this rate, however many there are. */
  public CostParameters withDecode(double tokensPerSecond) {
    require(tokensPerSecond > 0, "decode must be above 0 tokens per second");
    return withStep(1000 / tokensPerSecond, 0);
  }

  public CostParameters withStep(double millis, double millisPerSequence) {
    return new CostParameters(
        prefillTokensPerSecond,
        millis,
        millisPerSequence,
        chunkTokens,
        slots,
        kvBlocks,
        blockTokens,
        jitter);
  }

  public CostParameters withPrefill(double tokensPerSecond) {
    return new CostParameters(
        tokensPerSecond,
        stepMillis,
        stepMillisPerSequence,
        chunkTokens,
        slots,
        kvBlocks,
        blockTokens,
        jitter);
  }

  public CostParameters withChunkTokens(int tokens) {
    return new CostParameters(
        prefillTokensPerSecond,
        stepMillis,
        stepMillisPerSequence,
        tokens,
        slots,
        kvBlocks,
        blockTokens,
        jitter);
  }

  public CostParameters withSlots(int count) {
    return new CostParameters(
        prefillTokensPerSecond,
        stepMillis,
        stepMillisPerSequence,
        chunkTokens,
        count,
        kvBlocks,
        blockTokens,
        jitter);
  }

  public CostParameters withKvBlocks(int blocks) {
    return withKvBlocks(blocks, blockTokens);
  }

  public CostParameters withKvBlocks(int blocks, int tokensEach) {
    return new CostParameters(
        prefillTokensPerSecond,
        stepMillis,
        stepMillisPerSequence,
        chunkTokens,
        slots,
        blocks,
        tokensEach,
        jitter);
  }

  public CostParameters withJitter(double share) {
    return new CostParameters(
        prefillTokensPerSecond,
        stepMillis,
        stepMillisPerSequence,
        chunkTokens,
        slots,
        kvBlocks,
        blockTokens,
        share);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}

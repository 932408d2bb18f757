package dev.headrace.loadtest.lab;

/**
 * The simulated engine's laws: continuous batching with chunked prefill. Units: seconds and tokens.
 *
 * <p>An engine works in steps. A step decodes one token for each of the n running sequences and
 * prefills up to {@code chunk} prompt tokens, first come first served. Its time is
 *
 * <pre>T(n, c) = (base + perSequence * n + perPrefillToken * c) / speed</pre>
 *
 * so prefill slows the decoding beside it, and a larger batch decodes more tokens per second, each
 * of them later. A sequence needs a slot and KV blocks for its whole prompt and output before it
 * may start; what does not fit waits in the engine, in order.
 *
 * @param speed relative speed of the hardware, 1 is the reference
 * @param slots sequences that run or prefill at the same time
 * @param kvBlocks blocks of the KV cache, shared by running sequences and the prefix cache
 * @param blockTokens tokens of one block
 */
record EngineModel(
    double speed,
    double base,
    double perSequence,
    double perPrefillToken,
    int chunk,
    int slots,
    int kvBlocks,
    int blockTokens) {

  static final EngineModel REFERENCE =
      new EngineModel(1, 0.015, 0.000_15, 0.000_1, Laboratory.DEFAULT_CHUNK, 128, 20_000, 16);

  double step(int decoding, int prefilled) {
    return (base + perSequence * decoding + perPrefillToken * prefilled) / speed;
  }

  EngineModel withSpeed(double speed) {
    return new EngineModel(
        speed, base, perSequence, perPrefillToken, chunk, slots, kvBlocks, blockTokens);
  }

  EngineModel withChunk(int chunk) {
    return new EngineModel(
        speed, base, perSequence, perPrefillToken, chunk, slots, kvBlocks, blockTokens);
  }

  EngineModel withSlots(int slots) {
    return new EngineModel(
        speed, base, perSequence, perPrefillToken, chunk, slots, kvBlocks, blockTokens);
  }

  /**
   * Requests per second that it can do in the long run, for mean lengths, with a full batch: each
   * request costs its prefill, and its share of the decode steps.
   */
  double capacity(double meanPrompt, double meanOutput) {
    double kvSequences = (double) kvBlocks * blockTokens / (meanPrompt + meanOutput);
    double batch = Math.min(slots, kvSequences) * 0.9;
    double perRequest = meanPrompt * perPrefillToken + meanOutput * (base / batch + perSequence);
    return speed / perRequest;
  }
}

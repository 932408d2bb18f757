package dev.headrace.router.scan;

/**
 * The beginning of a prompt as a chain of hashes: the hash of block k covers all text up to its
 * end, so that two prompts share block k only when they share all before it, too. What a worker has
 * computed for one of them it need not compute for the other. Immutable.
 */
public final class Prefix {
  private final long[] hashes;
  private final int[] ends;
  private final int length;

  /**
   * @param hashes one for each block; not copied, and must not be written afterwards
   * @param ends where each block ends, growing, in the unit of {@code length}; not copied either
   * @param length size of the whole prompt, at least the last end
   */
  public Prefix(long[] hashes, int[] ends, int length) {
    if (hashes.length != ends.length) {
      throw new IllegalArgumentException("each block needs its end");
    }
    if (ends.length > 0 && ends[ends.length - 1] > length) {
      throw new IllegalArgumentException("a block ends behind the prompt");
    }
    this.hashes = hashes;
    this.ends = ends;
    this.length = length;
  }

  /** Whole blocks; the rest of the prompt behind them has no hash. */
  public int size() {
    return hashes.length;
  }

  /** Hash of all text up to the end of a block. */
  public long hash(int block) {
    return hashes[block];
  }

  /** Share of the prompt that lies before the end of a block, in (0, 1]. */
  public double share(int block) {
    return (double) ends[block] / length;
  }
}

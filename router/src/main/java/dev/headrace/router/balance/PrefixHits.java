package dev.headrace.router.balance;

/**
 * What a look into the {@link PrefixTable} found for one prompt: workers, and the last block that
 * each is thought to hold. Reused from choice to choice; confined to one thread.
 */
final class PrefixHits {
  private static final int MAX = 8;

  private final int[] workers = new int[MAX];
  private final int[] blocks = new int[MAX];
  private int size;
  private int ownFrom;

  void clear() {
    size = 0;
    ownFrom = 0;
  }

  /** The first block that is the conversation's own: all before it are shared by many. */
  int ownFrom() {
    return ownFrom;
  }

  void ownFrom(int block) {
    ownFrom = block;
  }

  /** Two workers that hold a block; blocks come from the last to the first. */
  void add(long pair, int block) {
    add((int) (pair >>> 32), block);
    add((int) pair, block);
  }

  private void add(int worker, int block) {
    if (worker == 0 || size == MAX || of(worker) >= 0) {
      return;
    }
    workers[size] = worker;
    blocks[size++] = block;
  }

  /** The last block that a worker is thought to hold, or -1. */
  int of(int worker) {
    for (int i = 0; i < size; i++) {
      if (workers[i] == worker) {
        return blocks[i];
      }
    }
    return -1;
  }
}

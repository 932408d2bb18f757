package dev.headrace.worker.sim;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The KV cache: a fixed number of blocks, whole prompt blocks shared by the hash of all text up to
 * their end, blocks that nobody uses kept until their place is needed (least recently used first).
 * Pure; confined to one thread.
 *
 * <p>Invariant: {@code free + unused + held == total}, where held blocks belong to at least one
 * allocation.
 */
final class PrefixCache {
  private static final class Block {
    int holders;
  }

  /** What one sequence holds. Given back exactly once. */
  static final class Allocation {
    private final long[] shared;
    private int own;
    private boolean released;

    /** Leading blocks that were in the cache already. */
    final int hits;

    private Allocation(long[] shared, int own, int hits) {
      this.shared = shared;
      this.own = own;
      this.hits = hits;
    }

    int blocks() {
      return shared.length + own;
    }
  }

  private final int total;
  private final Map<Long, Block> byHash = new HashMap<>();
  private final LinkedHashMap<Long, Block> unused = new LinkedHashMap<>();
  private int free;

  PrefixCache(int blocks) {
    this.total = blocks;
    this.free = blocks;
  }

  /** Blocks that sequences hold now. */
  int held() {
    return total - free - unused.size();
  }

  int total() {
    return total;
  }

  /**
   * Takes blocks for a sequence.
   *
   * @param chain hashes of the prompt's whole blocks, each covering all text before it
   * @param usable how many of the leading blocks may come from the cache
   * @param blocks how many blocks are needed in all, at least the chain's length
   * @return null when there is no room now
   */
  @Nullable Allocation allocate(long[] chain, int usable, int blocks) {
    int hits = 0;
    int hitsUnused = 0;
    while (hits < usable) {
      Block block = byHash.get(chain[hits]);
      if (block == null) {
        break;
      }
      if (block.holders == 0) {
        hitsUnused++;
      }
      hits++;
    }
    if (blocks - hits > free + unused.size() - hitsUnused) {
      return null;
    }
    for (int i = 0; i < hits; i++) {
      hold(chain[i]);
    }
    int shared = hits;
    while (shared < chain.length && !byHash.containsKey(chain[shared])) {
      takeFree();
      Block block = new Block();
      block.holders = 1;
      byHash.put(chain[shared], block);
      shared++;
    }
    long[] mine = Arrays.copyOf(chain, shared);
    int own = blocks - shared;
    for (int i = 0; i < own; i++) {
      takeFree();
    }
    return new Allocation(mine, own, hits);
  }

  /** One block more for a growing sequence; false when there is no room now. */
  boolean grow(Allocation allocation) {
    if (free == 0 && unused.isEmpty()) {
      return false;
    }
    takeFree();
    allocation.own++;
    return true;
  }

  void release(Allocation allocation) {
    if (allocation.released) {
      throw new IllegalStateException("blocks released twice");
    }
    allocation.released = true;
    free += allocation.own;
    // Last block first: the end of a prompt is forgotten before its beginning.
    for (int i = allocation.shared.length - 1; i >= 0; i--) {
      Long hash = allocation.shared[i];
      Block block = byHash.get(hash);
      if (block != null && --block.holders == 0) {
        unused.put(hash, block);
      }
    }
  }

  /** Forgets what nobody holds. */
  void clear() {
    free += unused.size();
    unused.keySet().forEach(byHash::remove);
    unused.clear();
  }

  private void hold(Long hash) {
    Block block = byHash.get(hash);
    if (block != null && block.holders++ == 0) {
      unused.remove(hash);
    }
  }

  private void takeFree() {
    if (free > 0) {
      free--;
      return;
    }
    Iterator<Long> oldest = unused.keySet().iterator();
    Long hash = oldest.next();
    oldest.remove();
    byHash.remove(hash);
  }
}

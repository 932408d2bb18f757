package dev.headrace.router.balance;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The memory of a {@link PrefixTable}: a set-associative array of blocks, {@value #WAYS} to a set,
 * 32 bytes each. A slot has the block's hash, its last {@value #WORKERS} workers, and a word of
 * use: the number of the last request that had it, how many of the recent ones had it, and how many
 * different blocks followed it. Any thread; each word is written on its own.
 */
final class PrefixSlots {
  static final int WAYS = 8;
  static final int WORKERS = 4;

  private static final int FAN_BITS = 12;
  private static final int FAN_MAX = (1 << FAN_BITS) - 1;
  private static final int COUNT_MAX = (1 << 20) - 1;

  private final int size;
  private final AtomicLongArray tags;

  /** For each slot: workers 0 and 1, workers 2 and 3, use. */
  private final AtomicLongArray data;

  /**
   * @param size a power of two, at least {@value #WAYS}
   */
  PrefixSlots(int size) {
    this.size = size;
    this.tags = new AtomicLongArray(size);
    this.data = new AtomicLongArray(3 * size);
  }

  int size() {
    return size;
  }

  /** The same blocks with twice the room; what is written meanwhile may be missing. */
  PrefixSlots doubled() {
    PrefixSlots larger = new PrefixSlots(2 * size);
    for (int slot = 0; slot < size; slot++) {
      long tag = tags.getOpaque(slot);
      if (tag != 0) {
        int to = larger.firstOf(tag) + slot % WAYS;
        larger.tags.setOpaque(to, tag);
        for (int word = 0; word < 3; word++) {
          larger.data.setOpaque(3 * to + word, data.getOpaque(3 * slot + word));
        }
      }
    }
    return larger;
  }

  /** The slot of a block, or -1. */
  int find(long hash) {
    long tag = tag(hash);
    int first = firstOf(tag);
    for (int slot = first; slot < first + WAYS; slot++) {
      if (tags.getOpaque(slot) == tag) {
        return slot;
      }
    }
    return -1;
  }

  /** A slot for a block that has none: an empty one, or the least recently used of its set. */
  int insert(long hash, int now) {
    long tag = tag(hash);
    int first = firstOf(tag);
    int victim = first;
    int oldest = -1;
    for (int slot = first; slot < first + WAYS; slot++) {
      if (tags.getOpaque(slot) == 0) {
        victim = slot;
        break;
      }
      int unused = now - last(use(slot));
      if (unused > oldest) {
        oldest = unused;
        victim = slot;
      }
    }
    tags.setOpaque(victim, tag);
    data.setOpaque(3 * victim, 0);
    data.setOpaque(3 * victim + 1, 0);
    use(victim, now, 1, 0);
    return victim;
  }

  /** The two workers that had it last, the newer one in the upper half; 0: none. */
  long front(int slot) {
    return data.getOpaque(3 * slot);
  }

  /** The two workers before. */
  long back(int slot) {
    return data.getOpaque(3 * slot + 1);
  }

  /** Puts a worker before the others. */
  void remember(int slot, int worker) {
    long front = front(slot);
    int first = (int) (front >>> 32);
    if (first == worker) {
      return;
    }
    int second = (int) front;
    data.setOpaque(3 * slot, pair(worker, first));
    if (second == worker) {
      return;
    }
    long back = back(slot);
    int third = (int) (back >>> 32);
    data.setOpaque(3 * slot + 1, pair(second, third == worker ? (int) back : third));
  }

  private static long pair(int first, int second) {
    return (long) first << 32 | (second & 0xffff_ffffL);
  }

  long use(int slot) {
    return data.getOpaque(3 * slot + 2);
  }

  void use(int slot, int last, int count, int fan) {
    data.setOpaque(
        3 * slot + 2,
        (long) last << 32 | (long) Math.min(COUNT_MAX, count) << FAN_BITS | Math.min(FAN_MAX, fan));
  }

  /** Number of the last request that had the block. */
  static int last(long use) {
    return (int) (use >>> 32);
  }

  /** Requests that had it, as of then. */
  static int count(long use) {
    return (int) (use >>> FAN_BITS) & COUNT_MAX;
  }

  /** Different blocks that followed it, as of then. */
  static int fan(long use) {
    return (int) use & FAN_MAX;
  }

  /** 0 marks an empty slot. */
  private static long tag(long hash) {
    return hash == 0 ? 1 : hash;
  }

  private int firstOf(long tag) {
    return ((int) (tag >>> 32) & (size / WAYS - 1)) * WAYS;
  }
}

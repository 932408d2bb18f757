package dev.headrace.router.balance;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which workers were given which beginnings of prompts, for one model. A set-associative table of a
 * fixed size: {@value #SLOTS} blocks, 32 bytes each, {@value #WAYS} to a set, the least recently
 * used block of a set makes room. Each block remembers its last {@value #WORKERS} workers, how many
 * of the recent requests had it, and how many different blocks followed it.
 *
 * <p>Any thread, without a lock. What it holds are hints: when two threads write the same block at
 * once, one of the updates may be lost or mixed with the other, and a later request finds a wrong
 * worker or none. That costs one prefill, and the next request puts it right.
 */
final class PrefixTable {
  static final int SLOTS = 1 << 17;
  static final int WAYS = 8;
  static final int WORKERS = 4;

  /** Requests after which counts are halved, as a power of two. */
  static final int EPOCH_BITS = 10;

  /** Two continuations are a fork in one conversation, three are a crowd. */
  static final int CROWD = 3;

  private static final int EPOCH = 1 << EPOCH_BITS;
  private static final int FAN_BITS = 12;
  private static final int FAN_MAX = (1 << FAN_BITS) - 1;
  private static final int COUNT_MAX = (1 << 20) - 1;

  private final AtomicLongArray tags = new AtomicLongArray(SLOTS);

  /** For each slot: workers 0 and 1, workers 2 and 3, then use: last request, count, fan. */
  private final AtomicLongArray data = new AtomicLongArray(3 * SLOTS);

  private final AtomicInteger requests = new AtomicInteger();

  /**
   * Looks where a prompt's beginning is known, from its end to its start: down to the last block
   * that a crowd shares, behind which the conversation's own begin.
   *
   * @param workers how many workers there are to choose from
   */
  void look(Prefix prefix, int workers, PrefixHits hits) {
    hits.clear();
    int now = requests.getOpaque();
    for (int block = prefix.size() - 1; block >= 0; block--) {
      int slot = find(tag(prefix.hash(block)));
      if (slot < 0) {
        continue;
      }
      hits.add(data.getOpaque(3 * slot), block);
      hits.add(data.getOpaque(3 * slot + 1), block);
      if (shared(slot, now, workers)) {
        // Who holds this holds all before it.
        hits.ownFrom(block + 1);
        return;
      }
    }
  }

  /** A worker was given a prompt. */
  void note(Prefix prefix, long worker) {
    int now = requests.incrementAndGet();
    int parent = -1;
    for (int block = 0; block < prefix.size(); block++) {
      long tag = tag(prefix.hash(block));
      int slot = find(tag);
      if (slot < 0) {
        slot = insert(tag, now);
        if (parent >= 0) {
          followed(parent);
        }
      } else {
        used(slot, now);
      }
      remember(slot, fingerprint(worker));
      parent = slot;
    }
  }

  /** 32 bits of a worker's identity, never 0. */
  static int fingerprint(long worker) {
    int bits = (int) (worker >>> 32);
    return bits == 0 ? 1 : bits;
  }

  /**
   * True for a block that many conversations have, such as a system prompt's: it was followed by
   * {@value #CROWD} different blocks or more, and of the recent requests so many had it that they
   * would fill half of one worker's share.
   */
  private boolean shared(int slot, int now, int workers) {
    long use = data.getOpaque(3 * slot + 2);
    int age = age(use, now);
    return fan(use) >> age >= CROWD && 2L * workers * (count(use) >> age) >= recent(now);
  }

  /** What a block counts that every request has: halved after each epoch, as its count is. */
  private static int recent(int now) {
    int epochs = Math.min(31, now >>> EPOCH_BITS);
    return EPOCH - (EPOCH >> epochs) + (now & (EPOCH - 1));
  }

  private static long tag(long hash) {
    return hash == 0 ? 1 : hash;
  }

  private static int set(long tag) {
    return (int) (tag >>> 32) & (SLOTS / WAYS - 1);
  }

  private int find(long tag) {
    int first = set(tag) * WAYS;
    for (int slot = first; slot < first + WAYS; slot++) {
      if (tags.getOpaque(slot) == tag) {
        return slot;
      }
    }
    return -1;
  }

  private int insert(long tag, int now) {
    int first = set(tag) * WAYS;
    int victim = first;
    int oldest = -1;
    for (int slot = first; slot < first + WAYS; slot++) {
      if (tags.getOpaque(slot) == 0) {
        victim = slot;
        break;
      }
      int unused = now - last(data.getOpaque(3 * slot + 2));
      if (unused > oldest) {
        oldest = unused;
        victim = slot;
      }
    }
    tags.setOpaque(victim, tag);
    data.setOpaque(3 * victim, 0);
    data.setOpaque(3 * victim + 1, 0);
    data.setOpaque(3 * victim + 2, use(now, 1, 0));
    return victim;
  }

  private void used(int slot, int now) {
    long use = data.getOpaque(3 * slot + 2);
    int age = age(use, now);
    data.setOpaque(
        3 * slot + 2, use(now, Math.min(COUNT_MAX, (count(use) >> age) + 1), fan(use) >> age));
  }

  private void followed(int slot) {
    long use = data.getOpaque(3 * slot + 2);
    data.setOpaque(3 * slot + 2, use(last(use), count(use), Math.min(FAN_MAX, fan(use) + 1)));
  }

  /** The newest worker stands first. */
  private void remember(int slot, int worker) {
    long front = data.getOpaque(3 * slot);
    int first = (int) (front >>> 32);
    if (first == worker) {
      return;
    }
    int second = (int) front;
    data.setOpaque(3 * slot, pair(worker, first));
    if (second == worker) {
      return;
    }
    long back = data.getOpaque(3 * slot + 1);
    int third = (int) (back >>> 32);
    data.setOpaque(3 * slot + 1, pair(second, third == worker ? (int) back : third));
  }

  private static long pair(int first, int second) {
    return (long) first << 32 | (second & 0xffff_ffffL);
  }

  /** Epochs since a block was used last; shifts by 31 at most. */
  private static int age(long use, int now) {
    int epochs = (now >>> EPOCH_BITS) - (last(use) >>> EPOCH_BITS);
    return epochs < 0 ? 0 : Math.min(31, epochs);
  }

  private static long use(int last, int count, int fan) {
    return (long) last << 32 | (long) count << FAN_BITS | fan;
  }

  private static int last(long use) {
    return (int) (use >>> 32);
  }

  private static int count(long use) {
    return (int) (use >>> FAN_BITS) & COUNT_MAX;
  }

  private static int fan(long use) {
    return (int) use & FAN_MAX;
  }
}

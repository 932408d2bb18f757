package dev.headrace.router.balance;

import static dev.headrace.router.balance.PrefixSlots.count;
import static dev.headrace.router.balance.PrefixSlots.fan;
import static dev.headrace.router.balance.PrefixSlots.last;

import dev.headrace.router.scan.Prefix;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Which workers were given which beginnings of prompts, for one model. It begins small and doubles
 * while it fills, up to {@value #MOST_SLOTS} blocks of 32 bytes; then the least recently used block
 * of a set makes room ({@link PrefixSlots}).
 *
 * <p>Any thread, without a lock. What it holds are hints: when two threads write the same block at
 * once, one of the updates may be lost or mixed with the other, and a later request finds a wrong
 * worker or none. That costs one prefill, and the next request puts it right.
 */
final class PrefixTable {
  static final int FIRST_SLOTS = 1 << 10;
  static final int MOST_SLOTS = 1 << 17;

  /** Requests after which counts are halved, as a power of two. */
  static final int EPOCH_BITS = 10;

  /** Two continuations are a fork in one conversation, three are a crowd. */
  static final int CROWD = 3;

  private static final int EPOCH = 1 << EPOCH_BITS;

  private volatile PrefixSlots slots = new PrefixSlots(FIRST_SLOTS);
  private final AtomicBoolean growing = new AtomicBoolean();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger inserted = new AtomicInteger();

  /**
   * Looks where a prompt's beginning is known, from its end to its start: down to the last block
   * that a crowd shares, behind which the conversation's own begin.
   *
   * @param workers how many workers there are to choose from
   */
  void look(Prefix prefix, int workers, PrefixHits hits) {
    hits.clear();
    PrefixSlots held = slots;
    int now = requests.getOpaque();
    for (int block = prefix.size() - 1; block >= 0; block--) {
      int slot = held.find(prefix.hash(block));
      if (slot < 0) {
        continue;
      }
      hits.add(held.front(slot), block);
      hits.add(held.back(slot), block);
      if (shared(held.use(slot), now, workers)) {
        // Who holds this holds all before it.
        hits.ownFrom(block + 1);
        return;
      }
    }
  }

  /** A worker was given a prompt. */
  void note(Prefix prefix, long worker) {
    PrefixSlots held = slots;
    int now = requests.incrementAndGet();
    int fresh = 0;
    int parent = -1;
    for (int block = 0; block < prefix.size(); block++) {
      long hash = prefix.hash(block);
      int slot = held.find(hash);
      if (slot < 0) {
        slot = held.insert(hash, now);
        fresh++;
        if (parent >= 0) {
          long use = held.use(parent);
          held.use(parent, last(use), count(use), fan(use) + 1);
        }
      } else {
        long use = held.use(slot);
        int age = age(use, now);
        held.use(slot, now, (count(use) >> age) + 1, fan(use) >> age);
      }
      held.remember(slot, fingerprint(worker));
      parent = slot;
    }
    if (fresh > 0 && held.size() < MOST_SLOTS && inserted.addAndGet(fresh) > held.size() / 2) {
      grow();
    }
  }

  private void grow() {
    if (growing.compareAndSet(false, true)) {
      PrefixSlots held = slots;
      if (held.size() < MOST_SLOTS && inserted.get() > held.size() / 2) {
        slots = held.doubled();
      }
      growing.set(false);
    }
  }

  /** Blocks that it has room for now. */
  int size() {
    return slots.size();
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
  private static boolean shared(long use, int now, int workers) {
    int age = age(use, now);
    return fan(use) >> age >= CROWD && 2L * workers * (count(use) >> age) >= recent(now);
  }

  /** What a block counts that every request has: halved after each epoch, as its count is. */
  private static int recent(int now) {
    int epochs = Math.min(31, now >>> EPOCH_BITS);
    return EPOCH - (EPOCH >> epochs) + (now & (EPOCH - 1));
  }

  /** Epochs since a block was used last; shifts by 31 at most. */
  private static int age(long use, int now) {
    int epochs = (now >>> EPOCH_BITS) - (last(use) >>> EPOCH_BITS);
    return epochs < 0 ? 0 : Math.min(31, epochs);
  }
}

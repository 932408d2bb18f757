package dev.headrace.loadtest.lab;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The KV blocks of one simulated engine: blocks of running sequences are pinned, blocks of finished
 * prompts stay as a prefix cache and are evicted least recently used first. Confined to the
 * simulation's thread.
 */
final class PrefixCache {
  private static final class Block {
    int users;
  }

  private final int capacity;
  private int pinnedAnonymous;
  private final Map<Long, Block> pinned = new HashMap<>();
  private final LinkedHashMap<Long, Block> idle = new LinkedHashMap<>(1024, 0.75f, true);

  long hitBlocks;
  long askedBlocks;

  PrefixCache(int capacity) {
    this.capacity = capacity;
  }

  double usage() {
    return (double) (pinned.size() + pinnedAnonymous) / capacity;
  }

  /**
   * Reserves the blocks of a request's prompt and output, and notes which prompt tokens are already
   * there.
   *
   * @return false when they do not fit beside what is pinned
   */
  boolean admit(LabRequest request, int blockTokens) {
    int total =
        Math.min(
            capacity,
            (request.promptTokens + request.outputTokens + blockTokens - 1) / blockTokens);
    long[] chain = request.blocks;
    int known = 0;
    while (known < chain.length
        && (pinned.containsKey(chain[known]) || idle.containsKey(chain[known]))) {
      known++;
    }
    int sharedPinned = 0;
    for (int i = 0; i < known; i++) {
      if (pinned.containsKey(chain[i])) {
        sharedPinned++;
      }
    }
    if (pinned.size() + pinnedAnonymous + total - sharedPinned > capacity
        && pinned.size() + pinnedAnonymous > 0) {
      return false;
    }
    for (int i = 0; i < known; i++) {
      pin(chain[i]);
    }
    int anonymous = Math.max(0, total - known);
    pinnedAnonymous += anonymous;
    request.sharedBlocks = known;
    request.ownBlocks = anonymous;
    request.cachedTokens = Math.min(request.promptTokens, known * blockTokens);
    hitBlocks += known;
    askedBlocks += chain.length;
    evict();
    return true;
  }

  /** The prompt has been computed: its blocks can be shared from now on. */
  void fill(LabRequest request) {
    long[] chain = request.blocks;
    for (int i = request.sharedBlocks; i < chain.length && request.ownBlocks > 0; i++) {
      pin(chain[i]);
      request.sharedBlocks++;
      request.ownBlocks--;
      pinnedAnonymous--;
    }
  }

  void release(LabRequest request) {
    pinnedAnonymous -= request.ownBlocks;
    for (int i = request.sharedBlocks - 1; i >= 0; i--) {
      long hash = request.blocks[i];
      Block block = pinned.get(hash);
      if (block != null && --block.users == 0) {
        pinned.remove(hash);
        idle.put(hash, block);
      }
    }
    evict();
  }

  private void pin(long hash) {
    Block block = pinned.get(hash);
    if (block == null) {
      block = idle.remove(hash);
      if (block == null) {
        block = new Block();
      }
      pinned.put(hash, block);
    }
    block.users++;
  }

  private void evict() {
    var oldest = idle.entrySet().iterator();
    while (idle.size() + pinned.size() + pinnedAnonymous > capacity && oldest.hasNext()) {
      oldest.next();
      oldest.remove();
    }
  }
}

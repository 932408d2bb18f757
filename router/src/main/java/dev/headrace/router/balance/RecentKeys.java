package dev.headrace.router.balance;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A map that holds a bounded number of keys: where there is no room, the key of its neighbourhood
 * that was not used for the longest time goes. Any thread, without a lock: a key hashes to {@value
 * #WAYS} slots, as in a processor's cache. Of two that add at the same instant one may be lost, so
 * it is for what can be learned again.
 */
final class RecentKeys<K, V> {
  private static final int WAYS = 4;

  private static final class Entry<K, V> {
    final K key;
    final V value;
    volatile int used;

    Entry(K key, V value, int used) {
      this.key = key;
      this.value = value;
      this.used = used;
    }
  }

  private final AtomicReferenceArray<@Nullable Entry<K, V>> slots;
  private final int lastSet;
  private final AtomicInteger additions = new AtomicInteger();

  /**
   * @param capacity rounded up to a power of two
   */
  RecentKeys(int capacity) {
    int sets = Integer.highestOneBit(Math.max(1, (capacity - 1) / WAYS)) << 1;
    this.slots = new AtomicReferenceArray<>(sets * WAYS);
    this.lastSet = sets - 1;
  }

  int capacity() {
    return slots.length();
  }

  @Nullable V find(K key) {
    Entry<K, V> entry = entry(first(key), key);
    return entry == null ? null : entry.value;
  }

  /** The key's value, made if it is not there. */
  V findOrAdd(K key, Supplier<V> make) {
    int first = first(key);
    Entry<K, V> entry = entry(first, key);
    if (entry != null) {
      return entry.value;
    }
    int now = additions.incrementAndGet();
    int oldest = first;
    int age = -1;
    for (int i = first; i < first + WAYS; i++) {
      Entry<K, V> held = slots.get(i);
      // A difference, so that the counter may overflow.
      int unused = held == null ? Integer.MAX_VALUE : now - held.used;
      if (unused > age) {
        age = unused;
        oldest = i;
      }
    }
    Entry<K, V> made = new Entry<>(key, make.get(), now);
    slots.set(oldest, made);
    return made.value;
  }

  private @Nullable Entry<K, V> entry(int first, K key) {
    for (int i = first; i < first + WAYS; i++) {
      Entry<K, V> entry = slots.get(i);
      if (entry != null && entry.key.equals(key)) {
        entry.used = additions.get();
        return entry;
      }
    }
    return null;
  }

  /** Murmur3's finisher, since records hash their parts with weak low bits. */
  private int first(K key) {
    int hash = key.hashCode();
    hash = (hash ^ hash >>> 16) * 0x85ebca6b;
    hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
    return (hash >>> 16 & lastSet) * WAYS;
  }
}

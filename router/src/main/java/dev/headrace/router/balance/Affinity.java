package dev.headrace.router.balance;

import org.jspecify.annotations.Nullable;

/**
 * What requests that belong together have in common, as a number, and how it ranks workers. The
 * same text gives the same number in every router and after every restart.
 */
public final class Affinity {
  /** Nothing is known that would bind the request to others. */
  public static final long NONE = 0;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Affinity() {}

  /** The key of a session; {@link #NONE} for null and for an empty text. */
  public static long of(@Nullable String session) {
    if (session == null || session.isEmpty()) {
      return NONE;
    }
    long hash = hash(session);
    return hash == NONE ? 1 : hash;
  }

  /** FNV-1a over the characters, finished by {@link #mix}. */
  static long hash(String text) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FNV_PRIME;
    }
    return mix(hash);
  }

  /** Rendezvous: a uniform number in (0, 1) for a key on a worker. */
  static double draw(long key, long worker) {
    return ((mix(key ^ worker) >>> 11) + 0.5) * 0x1p-53;
  }

  /**
   * The finaliser of SplitMix64 (Steele, Lea, Flood 2014): each bit in changes half of those out.
   */
  private static long mix(long bits) {
    long z = bits + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}

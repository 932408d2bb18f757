package dev.headrace.router.balance;

import dev.headrace.router.scan.Prefix;
import java.util.ArrayList;
import java.util.List;

/** Prompts made of numbered pieces: two share as many blocks as their pieces are equal. */
final class Prompts {
  static final int BLOCK = 500;

  private Prompts() {}

  /** A request whose prompt is these pieces, one block of 500 tokens each. */
  static Demand of(long... pieces) {
    long[] hashes = new long[pieces.length];
    int[] ends = new int[pieces.length];
    long hash = 17;
    for (int i = 0; i < pieces.length; i++) {
      hash = Affinity.hash(hash + " " + pieces[i]);
      hashes[i] = hash;
      ends[i] = BLOCK * (i + 1);
    }
    int length = BLOCK * pieces.length;
    return new Demand(Math.max(1, length), 100).with(new Prefix(hashes, ends, length));
  }

  /** A turn of a conversation behind a common system prompt of two blocks. */
  static Demand turn(int conversation, int turn) {
    List<Long> pieces = new ArrayList<>(List.of(1L, 2L));
    for (int i = 0; i <= turn; i++) {
      pieces.add(1_000L * (conversation + 1) + i);
    }
    return of(pieces.stream().mapToLong(piece -> piece).toArray());
  }
}

package dev.headrace.router.balance;

import java.util.Arrays;

/**
 * The candidates of one choice, with the stamp of each noted before anything else of it is read.
 * Reused from choice to choice, so that choosing allocates nothing; confined to one thread.
 */
public final class Scan {
  private Candidate[] candidates = new Candidate[16];
  private long[] stamps = new long[16];
  private int size;

  void clear() {
    Arrays.fill(candidates, 0, size, null);
    size = 0;
  }

  void add(Candidate candidate) {
    if (size == candidates.length) {
      candidates = Arrays.copyOf(candidates, size * 2);
      stamps = Arrays.copyOf(stamps, size * 2);
    }
    stamps[size] = candidate.ledger().stamp();
    candidates[size++] = candidate;
  }

  /** Eligible candidates with room: at least one when a policy sees it. */
  public int size() {
    return size;
  }

  public Candidate candidate(int index) {
    return candidates[index];
  }

  long stamp(int index) {
    return stamps[index];
  }
}

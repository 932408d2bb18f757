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

  private final PrefixHits prefixHits = new PrefixHits();
  private double[] cached = new double[0];
  private double[] work = new double[0];
  private boolean credited;

  void clear() {
    Arrays.fill(candidates, 0, size, null);
    size = 0;
    credited = false;
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

  /** Scratch space of a policy that looks for prefixes. */
  PrefixHits prefixHits() {
    return prefixHits;
  }

  /** The policy thinks that a candidate holds so many of the prompt's tokens in its cache. */
  void cached(int index, double tokens) {
    if (cached.length < candidates.length) {
      cached = new double[candidates.length];
      work = new double[candidates.length];
    }
    if (!credited) {
      Arrays.fill(cached, 0, size, 0);
      credited = true;
    }
    cached[index] = tokens;
  }

  /** Prompt tokens that a candidate need not compute; 0 unless the policy said otherwise. */
  double cached(int index) {
    return credited ? cached[index] : 0;
  }

  /** Scratch space: what a candidate has to do [s]; after {@link #cached(int, double)}. */
  void work(int index, double seconds) {
    work[index] = seconds;
  }

  double work(int index) {
    return work[index];
  }
}

package dev.headrace.router.balance;

import java.util.Arrays;
import java.util.List;

/**
 * The candidates of one choice, with the stamp of each noted before anything else of it is read.
 * Reused from choice to choice, so that choosing allocates nothing; confined to one thread. It
 * holds numbers and no references, since storing references costs the garbage collector's barrier.
 */
public final class Scan {
  private List<? extends Candidate> all = List.of();
  private int[] indices = new int[16];
  private long[] stamps = new long[16];
  private int size;
  private final Lowest lowest = new Lowest();
  private final Lowest preferred = new Lowest();
  private final Lowest drawn = new Lowest();

  private final PrefixHits prefixHits = new PrefixHits();
  private double[] cached = new double[0];
  private double[] work = new double[0];
  private boolean credited;

  /** Begins a choice among some of these. */
  void begin(List<? extends Candidate> candidates) {
    all = candidates;
    size = 0;
    forgetScores();
  }

  /** Lets the candidates go. */
  void end() {
    all = List.of();
    size = 0;
    credited = false;
  }

  void add(int index, long stamp) {
    if (size == indices.length) {
      indices = Arrays.copyOf(indices, size * 2);
      stamps = Arrays.copyOf(stamps, size * 2);
    }
    stamps[size] = stamp;
    indices[size++] = index;
  }

  /** Eligible candidates with room: at least one when a policy sees it. */
  public int size() {
    return size;
  }

  public Candidate candidate(int index) {
    return all.get(indices[index]);
  }

  /** Its place among all candidates. */
  int index(int index) {
    return indices[index];
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
    if (cached.length < indices.length) {
      cached = new double[indices.length];
      work = new double[indices.length];
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

  void forgetScores() {
    lowest.clear();
    preferred.clear();
    drawn.clear();
  }

  /** The lowest score so far. */
  Lowest lowest() {
    return lowest;
  }

  /** The lowest so far of those that go before others. */
  Lowest preferred() {
    return preferred;
  }

  /** One of those that go before others, drawn by chance. */
  Lowest drawn() {
    return drawn;
  }
}

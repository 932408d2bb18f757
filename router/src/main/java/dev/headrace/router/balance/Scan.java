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

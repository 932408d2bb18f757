package dev.headrace.router.balance;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long answers are: a mean for each model, for each endpoint of it, and for each API key on
 * that, each drawn to the one above it while it has seen little.
 *
 * <pre>
 * mean(model) = T / n
 * mean(below) = (T + k · mean(above)) / (n + k)          k = {@value #SHRINK}
 * expected    = min(max_tokens, mean)
 * </pre>
 *
 * <p>T: output tokens; n: answers that ended by themselves. An answer that was cut at {@code
 * max_tokens} adds its tokens and no end: that is the likeliest mean of exponential lengths of
 * which some are only known to be longer (Lawless, Statistical Models and Methods for Lifetime
 * Data), and keeps small limits from passing for short answers. While nearly all are cut that says
 * little: a mean is at most {@value #MOST} times the mean of what was seen, or the one above it.
 *
 * <p>Sums forget with {@value #KEEP} per answer. Any thread; two updates at the same instant may
 * lose one, which a mean does not mind. Bounded by {@link #keepOnly} and, below the models, by
 * {@value #ORIGINS} origins; the least recently used goes.
 */
final class OutputLengths {
  private static final double KEEP = 0.98;
  private static final double SHRINK = 8;
  private static final double MOST = 4;
  private static final double FIRST_TOKENS = 200;
  private static final int ORIGINS = 4096;

  /** Immutable, so that readers see sums of the same moment. */
  private record Sums(double tokens, double ended, double answers) {
    Sums plus(double more, boolean cut) {
      return new Sums(KEEP * tokens + more, KEEP * ended + (cut ? 0 : 1), KEEP * answers + 1);
    }

    double mean() {
      return Math.min(tokens / Math.max(1e-6, ended), MOST * tokens / answers);
    }

    double mean(double above) {
      double drawn = (tokens + SHRINK * above) / (ended + SHRINK);
      return answers == 0 ? above : Math.min(drawn, Math.max(above, MOST * tokens / answers));
    }
  }

  private static final class Cell {
    volatile Sums sums = new Sums(0, 0, 0);

    void add(double tokens, boolean cut) {
      sums = sums.plus(tokens, cut);
    }
  }

  private static final Sums FIRST = new Sums(FIRST_TOKENS, 1, 1);

  private final Map<String, Sums> byModel = new ConcurrentHashMap<>();
  private final RecentKeys<Origin, Cell> byOrigin = new RecentKeys<>(ORIGINS);

  /**
   * Expected output tokens of one answer, at least 1.
   *
   * @param maxTokens the largest output that the client allows, or below 0: no limit
   */
  double expect(Origin origin, long maxTokens) {
    double mean = byModel.getOrDefault(origin.model(), FIRST).mean();
    if (origin.endpoint() != null) {
      mean = drawn(origin.withoutTenant(), mean);
    }
    if (origin.tenant() != null) {
      mean = drawn(origin, mean);
    }
    return Math.max(1, maxTokens < 0 ? mean : Math.min(mean, (double) maxTokens));
  }

  private double drawn(Origin origin, double above) {
    Cell cell = byOrigin.find(origin);
    return cell == null ? above : cell.sums.mean(above);
  }

  /** Learns from an answer that ended well, with {@code tokens} of output, 0 or more. */
  void learn(Origin origin, long tokens, long maxTokens) {
    boolean cut = maxTokens >= 0 && tokens >= maxTokens;
    double length = (double) tokens;
    byModel.merge(origin.model(), FIRST.plus(length, cut), (old, first) -> old.plus(length, cut));
    if (origin.endpoint() != null) {
      add(origin.withoutTenant(), length, cut);
    }
    if (origin.tenant() != null) {
      add(origin, length, cut);
    }
  }

  /** Forgets other models. */
  void keepOnly(Set<String> models) {
    byModel.keySet().retainAll(models);
  }

  int models() {
    return byModel.size();
  }

  private void add(Origin origin, double length, boolean cut) {
    byOrigin.findOrAdd(origin, Cell::new).add(length, cut);
  }
}

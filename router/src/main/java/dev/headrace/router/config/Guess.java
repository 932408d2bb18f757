package dev.headrace.router.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a person probably meant: the nearest of some names by edit distance, when near enough. */
public final class Guess {
  private Guess() {}

  /** The nearest name, or null when none is within a third of the word's length (at least two). */
  public static @Nullable String among(String word, Collection<String> names) {
    String typed = normal(word);
    int bound = Math.max(2, typed.length() / 3);
    String best = null;
    int bestDistance = bound + 1;
    for (String name : names) {
      int distance = distance(typed, normal(name));
      if (distance < bestDistance && distance < Math.max(name.length(), 2)) {
        best = name;
        bestDistance = distance;
      }
    }
    return best;
  }

  private static String normal(String word) {
    return word.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Levenshtein distance in which a swap of neighbours counts as one step. */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      cost[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      cost[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least =
            Math.min(cost[i - 1][j - 1] + change, Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, cost[i - 2][j - 2] + 1);
        }
        cost[i][j] = least;
      }
    }
    return cost[a.length()][b.length()];
  }
}

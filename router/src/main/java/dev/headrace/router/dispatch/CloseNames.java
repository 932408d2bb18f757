package dev.headrace.router.dispatch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Names that someone may have meant: by edit distance, or by containing what was written. Pure. */
final class CloseNames {
  private static final int MOST = 3;
  private static final int LONGEST = 100;

  private CloseNames() {}

  private record Scored(String name, int distance) {}

  @SafeVarargs
  static List<String> of(String wanted, Collection<String>... known) {
    if (wanted.length() > LONGEST) {
      return List.of();
    }
    String low = wanted.toLowerCase(Locale.ROOT);
    int allowed = Math.max(2, low.length() / 3);
    List<Scored> scored = new ArrayList<>();
    for (Collection<String> names : known) {
      for (String name : names) {
        String other = name.toLowerCase(Locale.ROOT);
        boolean contains =
            low.length() >= 3
                && other.length() >= 3
                && (other.contains(low) || low.contains(other));
        int distance = other.length() > LONGEST ? Integer.MAX_VALUE : distance(low, other);
        if (contains || distance <= allowed) {
          scored.add(new Scored(name, contains ? Math.min(distance, allowed) : distance));
        }
      }
    }
    return scored.stream()
        .sorted(Comparator.comparingInt(Scored::distance).thenComparing(Scored::name))
        .limit(MOST)
        .map(Scored::name)
        .toList();
  }

  /** Levenshtein's distance: insertions, deletions and replacements. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}

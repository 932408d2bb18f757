package dev.headrace.router.fleet;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Names that are there, or were a short while ago: a name that comes back within ten minutes was
 * known all the time. At most {@value #MOST_GONE} of those that are gone are kept, the last ones.
 * Pure; confined to one thread; times are monotonic nanoseconds.
 */
public final class RecentNames {
  static final int MOST_GONE = 2048;
  static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(10);

  private Set<String> present = Set.of();

  /** When each was seen last, in that order. */
  private final Map<String, Long> gone = new LinkedHashMap<>();

  /**
   * Takes the names that are there now.
   *
   * @return true when so many are gone that it is time to ask {@link #known}
   */
  public boolean follow(Set<String> now, long nanos) {
    for (String name : present) {
      if (!now.contains(name)) {
        gone.put(name, nanos);
      }
    }
    if (!gone.isEmpty()) {
      now.forEach(gone::remove);
    }
    present = Set.copyOf(now);
    return gone.size() > 2 * MOST_GONE;
  }

  /** All that count now; forgets the others. */
  public Set<String> known(long nanos) {
    Iterator<Long> oldest = gone.values().iterator();
    while (oldest.hasNext()) {
      if (nanos - oldest.next() <= KEPT_NANOS && gone.size() <= MOST_GONE) {
        break;
      }
      oldest.remove();
    }
    Set<String> known = new HashSet<>(present);
    known.addAll(gone.keySet());
    return known;
  }
}

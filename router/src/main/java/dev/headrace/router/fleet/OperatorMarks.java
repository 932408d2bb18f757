package dev.headrace.router.fleet;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What operators said of workers that have left the fleet, so that it still holds when they come
 * back: a source that flaps does not undo a drain. Kept for an hour, for the last {@value
 * #CAPACITY} of them. Pure; confined to one thread; times are monotonic nanoseconds.
 */
final class OperatorMarks {
  static final int CAPACITY = 1024;
  private static final long KEPT_NANOS = TimeUnit.HOURS.toNanos(1);

  private record Mark(boolean drained, boolean ejected, long leftAt) {}

  /** In the order in which they left. */
  private final Map<String, Mark> byKey = new LinkedHashMap<>();

  /** The worker leaves. */
  void left(String key, Worker.Live live, long now) {
    if (live.drainedByOperator() || live.ejectedByOperator()) {
      forget(now, CAPACITY - 1);
      byKey.put(key, new Mark(live.drainedByOperator(), live.ejectedByOperator(), now));
    }
  }

  /** A worker of that key comes. */
  void came(String key, Worker.Live live, long now) {
    forget(now, CAPACITY);
    Mark mark = byKey.remove(key);
    if (mark != null) {
      live.drainedByOperator(mark.drained());
      live.ejectedByOperator(mark.ejected());
    }
  }

  private void forget(long now, int most) {
    Iterator<Mark> oldest = byKey.values().iterator();
    while (oldest.hasNext()) {
      if (now - oldest.next().leftAt() <= KEPT_NANOS && byKey.size() <= most) {
        return;
      }
      oldest.remove();
    }
  }

  int size() {
    return byKey.size();
  }
}

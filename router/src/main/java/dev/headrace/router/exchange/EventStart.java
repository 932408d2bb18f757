package dev.headrace.router.exchange;

import java.nio.charset.StandardCharsets;

/** Tells an event stream by its first bytes, blanks and line ends before them aside. Pure. */
enum EventStart {
  YES,
  NO,
  /** They are too few to tell. */
  UNKNOWN;

  private static final String[] STARTS = {"data:", "event:", "id:", "retry:", ":"};

  /** Looks at the first {@code count} bytes. */
  static EventStart of(byte[] bytes, int count) {
    int from = 0;
    while (from < count && bytes[from] <= ' ' && bytes[from] >= 0) {
      from++;
    }
    String begin = new String(bytes, from, Math.min(count - from, 8), StandardCharsets.ISO_8859_1);
    EventStart found = NO;
    for (String start : STARTS) {
      if (begin.startsWith(start)) {
        return YES;
      }
      found = start.startsWith(begin) ? UNKNOWN : found;
    }
    return found;
  }
}

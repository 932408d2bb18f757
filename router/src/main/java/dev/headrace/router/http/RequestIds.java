package dev.headrace.router.http;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Gives each request its id: the client's own when it is harmless in a header, a log line and a
 * file name, else a new one. Confined to one event loop.
 */
final class RequestIds {
  private static final int LONGEST = 128;

  private final SplittableRandom random;

  RequestIds(SplittableRandom random) {
    this.random = random;
  }

  String of(@Nullable String told) {
    if (told != null && isSane(told)) {
      return told;
    }
    return "req_" + hex(random.nextLong()) + hex(random.nextLong());
  }

  private static String hex(long value) {
    String digits = Long.toHexString(value);
    return "0".repeat(16 - digits.length()) + digits;
  }

  private static boolean isSane(String id) {
    if (id.isEmpty() || id.length() > LONGEST) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean sane =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_'
              || c == '.'
              || c == ':';
      if (!sane) {
        return false;
      }
    }
    return true;
  }
}

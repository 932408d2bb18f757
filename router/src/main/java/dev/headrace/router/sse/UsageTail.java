package dev.headrace.router.sse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last bytes of a JSON answer, because all engines write {@code usage} near the end, and
 * reads it there: the answer itself is neither held nor parsed. Holds at most {@link #BOUND} bytes.
 * Confined to one event loop.
 */
public final class UsageTail {
  static final int BOUND = 8192;
  private static final byte[] KEY = "\"usage\"".getBytes(StandardCharsets.US_ASCII);
  private static final JsonFactory JSON = new JsonFactory();

  private byte[] tail = new byte[512];
  private int length;

  public void add(byte[] bytes, int from, int to) {
    int size = to - from;
    if (size >= BOUND) {
      tail = new byte[BOUND];
      System.arraycopy(bytes, to - BOUND, tail, 0, BOUND);
      length = BOUND;
      return;
    }
    int keep = Math.min(length, BOUND - size);
    byte[] target = keep + size > tail.length ? new byte[grown(keep + size)] : tail;
    System.arraycopy(tail, length - keep, target, 0, keep);
    System.arraycopy(bytes, from, target, keep, size);
    tail = target;
    length = keep + size;
  }

  private static int grown(int needed) {
    return Math.min(BOUND, Integer.highestOneBit(Math.max(1, needed - 1)) << 1);
  }

  /** The last usage object in the tail, or null. */
  public @Nullable TokenUsage usage() {
    for (int at = length - KEY.length; at >= 0; at--) {
      if (isKey(at)) {
        TokenUsage usage = readAt(at + KEY.length);
        if (usage != null) {
          return usage;
        }
      }
    }
    return null;
  }

  private boolean isKey(int at) {
    for (int i = 0; i < KEY.length; i++) {
      if (tail[at + i] != KEY[i]) {
        return false;
      }
    }
    return true;
  }

  private @Nullable TokenUsage readAt(int from) {
    int i = from;
    while (i < length && (tail[i] == ' ' || tail[i] == ':' || tail[i] == '\n')) {
      i++;
    }
    if (i >= length || tail[i] != '{') {
      return null;
    }
    try (JsonParser parser = JSON.createParser(tail, i, length - i)) {
      return parser.nextToken() == JsonToken.START_OBJECT ? FrameFacts.readUsage(parser) : null;
    } catch (IOException e) {
      return null;
    }
  }
}

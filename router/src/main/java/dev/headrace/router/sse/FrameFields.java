package dev.headrace.router.sse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one frame, as ranges of the bytes that hold it. Reused from frame to frame; nothing
 * is copied unless data stands on several lines. Confined to one event loop.
 */
final class FrameFields {
  private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ERROR = "error".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes = new byte[0];
  private int dataFrom;
  private int dataTo;
  private boolean hasData;
  private boolean errorField;
  private @Nullable String event;

  void read(byte[] frame, int from, int to) {
    bytes = frame;
    hasData = false;
    errorField = false;
    event = null;
    int line = from;
    while (line < to) {
      int end = line;
      while (end < to && frame[end] != '\n' && frame[end] != '\r') {
        end++;
      }
      if (end > line) {
        readLine(frame, line, end);
      }
      line = end + 1;
    }
  }

  private void readLine(byte[] frame, int line, int end) {
    switch (frame[line]) {
      case 'd' -> {
        int value = valueOf(DATA, frame, line, end);
        if (value >= 0) {
          addData(frame, value, end);
        }
      }
      case 'e' -> {
        int value = valueOf(EVENT, frame, line, end);
        if (value >= 0) {
          event = new String(frame, value, end - value, StandardCharsets.UTF_8).trim();
          return;
        }
        // Before 2025 llama-server wrote its error event under a field of its own.
        value = valueOf(ERROR, frame, line, end);
        if (value >= 0) {
          errorField = true;
          addData(frame, value, end);
        }
      }
      default -> {}
    }
  }

  private void addData(byte[] frame, int value, int end) {
    if (!hasData) {
      dataFrom = value;
      dataTo = end;
      hasData = true;
      return;
    }
    int before = dataTo - dataFrom;
    byte[] joined =
        Arrays.copyOf(Arrays.copyOfRange(bytes, dataFrom, dataTo), before + 1 + end - value);
    joined[before] = '\n';
    System.arraycopy(frame, value, joined, before + 1, end - value);
    bytes = joined;
    dataFrom = 0;
    dataTo = joined.length;
  }

  private static int valueOf(byte[] name, byte[] frame, int line, int end) {
    int colon = line + name.length;
    if (colon >= end || frame[colon] != ':') {
      return -1;
    }
    for (int i = 1; i < name.length; i++) {
      if (frame[line + i] != name[i]) {
        return -1;
      }
    }
    int value = colon + 1;
    return value < end && frame[value] == ' ' ? value + 1 : value;
  }

  boolean hasData() {
    return hasData;
  }

  /** The data came under the field name {@code error}. */
  boolean errorField() {
    return errorField;
  }

  @Nullable String event() {
    return event;
  }

  boolean dataIs(byte[] text) {
    int end = dataTo;
    while (end > dataFrom && bytes[end - 1] == ' ') {
      end--;
    }
    return Arrays.equals(bytes, dataFrom, end, text, 0, text.length);
  }

  String data() {
    return new String(bytes, dataFrom, dataTo - dataFrom, StandardCharsets.UTF_8);
  }

  FrameFacts facts() {
    return FrameFacts.read(bytes, dataFrom, dataTo);
  }

  /**
   * True when one of the keys that matter stands in the data with a value other than null. It may
   * say true for nothing (a nested key), never false for something: inside a JSON string the quote
   * before the colon would be escaped.
   */
  boolean mayMatter() {
    for (int i = dataFrom + 6; i < dataTo; i++) {
      if (bytes[i] == ':' && isKey(i)) {
        int value = i + 1;
        while (value < dataTo && bytes[value] == ' ') {
          value++;
        }
        if (value < dataTo && bytes[value] != 'n') {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * {@code usage}, {@code error}, {@code finish_reason} or {@code generated_text} before a colon.
   */
  private boolean isKey(int colon) {
    int quote = colon - 1;
    while (quote > dataFrom && bytes[quote] == ' ') {
      quote--;
    }
    if (bytes[quote] != '"' || quote - 5 < dataFrom) {
      return false;
    }
    byte last = bytes[quote - 1];
    byte before = bytes[quote - 2];
    return (last == 'e' && before == 'g')
        || (last == 'r' && before == 'o')
        || (last == 'n' && before == 'o')
        || (last == 't' && before == 'x');
  }
}

package dev.headrace.loadtest.stream;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of an event stream into events, by the rules of the HTML standard: lines end in
 * LF, CR LF or CR, wherever the reads cut them; several {@code data} lines join with LF; a blank
 * line ends the event. An event is handed on at its last line end, not one byte later, so that its
 * time is true.
 *
 * <p>One event may have at most {@link #MAX_EVENT_BYTES}; beyond that the splitter stops for good
 * and says so. Confined to one thread.
 */
final class FrameSplitter {
  static final int MAX_EVENT_BYTES = 1 << 20;

  /** Takes each event; the array is reused afterwards. */
  interface EventSink {
    void event(@Nullable String name, byte[] data, int length);
  }

  private final EventSink sink;
  private byte[] line = new byte[256];
  private int lineLength;
  private byte[] data = new byte[512];
  private int dataLength;
  private boolean hasData;
  private @Nullable String name;
  private boolean afterReturn;
  private boolean tooLarge;

  FrameSplitter(EventSink sink) {
    this.sink = sink;
  }

  void read(byte[] bytes, int from, int to) {
    int start = from;
    for (int i = from; i < to && !tooLarge; i++) {
      byte b = bytes[i];
      if (b != '\n' && b != '\r') {
        afterReturn = false;
        continue;
      }
      if (b == '\n' && afterReturn) {
        afterReturn = false;
        start = i + 1;
        continue;
      }
      keep(bytes, start, i);
      start = i + 1;
      afterReturn = b == '\r';
      lineEnded();
    }
    if (start < to && !tooLarge) {
      keep(bytes, start, to);
    }
  }

  /** No more bytes come: an event whose last blank line is missing is handed on as it stands. */
  void end() {
    if (tooLarge) {
      return;
    }
    if (lineLength > 0) {
      lineEnded();
    }
    eventEnded();
  }

  boolean tooLarge() {
    return tooLarge;
  }

  private void keep(byte[] bytes, int from, int to) {
    int count = to - from;
    if (lineLength + count > MAX_EVENT_BYTES) {
      tooLarge = true;
      return;
    }
    line = room(line, lineLength + count);
    System.arraycopy(bytes, from, line, lineLength, count);
    lineLength += count;
  }

  private void lineEnded() {
    int length = lineLength;
    lineLength = 0;
    if (length == 0) {
      eventEnded();
      return;
    }
    int colon = 0;
    while (colon < length && line[colon] != ':') {
      colon++;
    }
    int value = Math.min(length, colon + 1);
    if (value < length && line[value] == ' ') {
      value++;
    }
    if (fieldIs("data", colon)) {
      appendData(value, length);
    } else if (fieldIs("event", colon)) {
      name = new String(line, value, length - value, StandardCharsets.UTF_8);
    }
  }

  private boolean fieldIs(String field, int length) {
    if (field.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (line[i] != field.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private void appendData(int from, int to) {
    int count = to - from;
    if (dataLength + count + 1 > MAX_EVENT_BYTES) {
      tooLarge = true;
      return;
    }
    data = room(data, dataLength + count + 1);
    if (hasData) {
      data[dataLength++] = '\n';
    }
    System.arraycopy(line, from, data, dataLength, count);
    dataLength += count;
    hasData = true;
  }

  private void eventEnded() {
    if (hasData) {
      sink.event(name, data, dataLength);
    }
    hasData = false;
    dataLength = 0;
    name = null;
  }

  private static byte[] room(byte[] array, int needed) {
    return needed <= array.length
        ? array
        : Arrays.copyOf(array, Math.max(needed, array.length * 2));
  }
}

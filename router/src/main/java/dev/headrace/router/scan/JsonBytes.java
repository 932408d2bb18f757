package dev.headrace.router.scan;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** How far a JSON string in UTF-8 goes on with characters that mean themselves. */
final class JsonBytes {
  private JsonBytes() {}

  // First bytes of sequences, and the end of those that follow them.
  static final byte C2 = (byte) 0xc2;
  static final byte E0 = (byte) 0xe0;
  static final byte ED = (byte) 0xed;
  static final byte F0 = (byte) 0xf0;
  static final byte F4 = (byte) 0xf4;
  static final byte CONTINUED = (byte) 0xc0;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH = ONES << 7;
  private static final long QUOTES = '"' * ONES;
  private static final long BACKSLASHES = '\\' * ONES;
  private static final long SPACES = ' ' * ONES;

  private static final byte[] ESCAPED = new byte[256];
  private static final byte[] HEX = new byte[256];

  static {
    for (int b = 0; b < 256; b++) {
      int kind = "nrtbf\"\\/".indexOf(b);
      ESCAPED[b] = (byte) (kind < 0 ? 0 : "\n\r\t\b\f\"\\/".charAt(kind));
      HEX[b] = (byte) (b < 0x80 ? Character.digit(b, 16) : -1);
    }
  }

  /** Where a run of plain ASCII ends: before a quote, a backslash or a control character, too. */
  static int endOfPlain(byte[] array, int from, int to) {
    int i = from;
    for (; i <= to - Long.BYTES; i += Long.BYTES) {
      long word = (long) LONGS.get(array, i);
      // A byte that is too small borrows, and so gets its high bit. Such a borrow can go on into
      // the bytes above, but not below the first.
      long found =
          (((word ^ QUOTES) - ONES) | ((word ^ BACKSLASHES) - ONES) | (word - SPACES) | word)
              & HIGH;
      if (found != 0) {
        return i + (Long.numberOfTrailingZeros(found) >>> 3);
      }
    }
    while (i < to && array[i] >= ' ' && array[i] != '"' && array[i] != '\\') {
      i++;
    }
    return i;
  }

  /** The same for characters beyond ASCII and escapes, too; perhaps before some that belong. */
  static int endOfRun(byte[] array, int from, int to) {
    int i;
    int next = from;
    do {
      i = endOfPlain(array, next, to);
      next = i;
      int length = sequence(array, next, to);
      while (length > 0) {
        next += length;
        length = sequence(array, next, to);
      }
    } while (next > i);
    return i;
  }

  /**
   * Length of the valid sequence of two or three bytes that stands here, or of the escape; 0 for
   * others, and near the end of what is there.
   */
  static int sequence(byte[] array, int at, int to) {
    if (at > to - 6) {
      return 0;
    }
    byte lead = array[at];
    if (lead == '\\') {
      return array[at + 1] == 'u'
          ? (hex(array, at) < 0 ? 0 : 6)
          : ESCAPED[array[at + 1] & 0xff] == 0 ? 0 : 2;
    }
    if (array[at + 1] >= CONTINUED || lead < C2) {
      return 0;
    }
    if (lead < E0) {
      return 2;
    }
    return lead > E0 && lead < F0 && lead != ED && array[at + 2] < CONTINUED ? 3 : 0;
  }

  /** The character that a letter behind a backslash stands for, or 0. */
  static int escaped(byte letter) {
    return ESCAPED[letter & 0xff];
  }

  /** The character that an escape of four digits stands for; below 0 when not all of them are. */
  static int hex(byte[] array, int at) {
    return HEX[array[at + 2] & 0xff] << 12
        | HEX[array[at + 3] & 0xff] << 8
        | HEX[array[at + 4] & 0xff] << 4
        | HEX[array[at + 5] & 0xff];
  }
}

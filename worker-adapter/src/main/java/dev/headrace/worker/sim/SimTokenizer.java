package dev.headrace.worker.sim;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cuts text into tokens without a vocabulary: a run of ASCII bytes becomes pieces of at most 4
 * bytes, a run of other UTF-8 bytes pieces of at most 3. A token's number holds its own bytes, so
 * that tokens can be turned back into text. Pure; any thread.
 *
 * <p>Layout of the number, from the highest bit: bit 30 marks a piece that is not ASCII; bits 28-29
 * hold the length less one; the rest holds 7 bits per ASCII byte, or 8 bits per other byte.
 */
public final class SimTokenizer {
  private static final int NOT_ASCII = 1 << 30;
  private static final int LENGTH_SHIFT = 28;

  private SimTokenizer() {}

  /** The tokens of the text; none for an empty one. */
  public static int[] encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] tokens = new int[bytes.length];
    int count = 0;
    int at = 0;
    while (at < bytes.length) {
      boolean ascii = bytes[at] >= 0;
      int most = Math.min(bytes.length, at + (ascii ? 4 : 3));
      int value = 0;
      int from = at;
      while (at < most && (bytes[at] >= 0) == ascii) {
        value = ascii ? value << 7 | bytes[at] : value << 8 | (bytes[at] & 0xff);
        at++;
      }
      tokens[count++] = (ascii ? 0 : NOT_ASCII) | (at - from - 1) << LENGTH_SHIFT | value;
    }
    return Arrays.copyOf(tokens, count);
  }

  /** The text of tokens made by {@link #encode}; numbers that it never makes give odd bytes. */
  public static String decode(int[] tokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(tokens.length * 4);
    for (int token : tokens) {
      int bits = (token & NOT_ASCII) == 0 ? 7 : 8;
      int mask = (1 << bits) - 1;
      for (int left = (token >>> LENGTH_SHIFT) & 3; left >= 0; left--) {
        bytes.write(token >>> (left * bits) & mask);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}

package dev.headrace.worker.sim;

import java.nio.charset.StandardCharsets;

/**
 * The text that a simulated engine writes: one word is one token, chosen by seed and place. A few
 * words are not ASCII, so that whoever cuts a stream within a character is found out. Pure; any
 * thread.
 */
final class SimWords {
  private static final String[] WORDS =
      ("the water runs down to mill and turns its great wheel while grain becomes flour über stones "
              + "that miller cut by hand before spring came with rain so every channel gate must "
              + "open in time or river will find another way home naïve 水 over banks past old oak "
              + "trees where children wait for bread each morning слово of light work")
          .split(" ");

  private static final byte[][] BYTES = new byte[WORDS.length][];
  private static final byte[][] BYTES_FIRST = new byte[WORDS.length][];

  static {
    for (int i = 0; i < WORDS.length; i++) {
      BYTES_FIRST[i] = WORDS[i].getBytes(StandardCharsets.UTF_8);
      BYTES[i] = (" " + WORDS[i]).getBytes(StandardCharsets.UTF_8);
    }
  }

  private SimWords() {}

  /**
   * Token {@code place} of the text of this seed, with its leading blank unless it is the first.
   */
  static String token(long seed, int place) {
    String word = WORDS[index(seed, place)];
    return place == 0 ? word : " " + word;
  }

  /** The same as UTF-8; no byte of it needs escaping in JSON. The array is shared. */
  static byte[] bytes(long seed, int place) {
    int index = index(seed, place);
    return place == 0 ? BYTES_FIRST[index] : BYTES[index];
  }

  /** A number for the token, as an engine's vocabulary has. */
  static int id(long seed, int place) {
    return 100 + index(seed, place);
  }

  static String text(long seed, int tokens) {
    StringBuilder text = new StringBuilder(tokens * 6);
    for (int i = 0; i < tokens; i++) {
      text.append(token(seed, i));
    }
    return text.toString();
  }

  private static int index(long seed, int place) {
    return (int) Long.remainderUnsigned(CostModel.mix(seed + place), WORDS.length);
  }
}

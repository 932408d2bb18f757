package dev.headrace.router.scan;

import java.util.Arrays;

/**
 * Counts the {@link TextFeature}s of a prompt while its bytes pass. Holds a few dozen counters,
 * whatever it reads. Confined to its scan.
 *
 * <p>An event loop waits for it, so it looks closely at the first {@value #CLOSELY} bytes of text,
 * and then at {@value #SAMPLE} out of each {@value #PERIOD}, which stand for the rest. Which these
 * are depends on the text only, not on how it was cut into pieces.
 */
final class PromptReader {
  static final int CLOSELY = 4096;
  private static final int SAMPLE = 96;

  /** A prime, so that texts that repeat themselves are met at each of their places. */
  private static final int PERIOD = 661;

  /** Bytes before a sample that are read, but not counted, to know the state in which it begins. */
  private static final int WARM_UP = 16;

  private static final int[] PHASES = {SAMPLE, PERIOD - SAMPLE - WARM_UP, WARM_UP};
  private static final int COUNTED = 0;
  private static final int PASSED_OVER = 1;

  private final double[] amounts = new double[TextFeature.values().length];
  private final int[] visits = new int[TextStates.SIZE];

  private final int[] unheeded = new int[TextStates.SIZE];

  /** The visits, or the others during the warm-up. */
  private int[] counts = visits;

  private int state;
  private int phase;

  /** Bytes of text so far, and how many there will be when the next phase begins. */
  private int length;

  private int turn = CLOSELY;

  /** Bytes that were looked at closely in the beginning, and of the samples behind. */
  private int whole;

  private int sampled;

  /** Another text begins. */
  void begin() {
    state = TextStates.BEGIN;
  }

  /** Reads characters that mean themselves; returns where there are no more of them. */
  int run(byte[] array, int from, int to) {
    int i = from;
    while (i < to) {
      int stop = Math.min(to, i + turn - length);
      int end = phase == PASSED_OVER ? JsonBytes.endOfRun(array, i, stop) : read(array, i, stop);
      pass(end - i);
      i = end;
      if (end < stop) {
        break;
      }
    }
    return i;
  }

  /** Reads one character of a string that is another than its bytes. */
  void character(int point, int bytes) {
    int kind = TextStates.of(point);
    if (phase != PASSED_OVER && kind != TextStates.NONE) {
      state = TextStates.next(state, kind);
      counts[state]++;
    }
    pass(bytes);
  }

  private int read(byte[] array, int from, int to) {
    int i = plain(array, from, to);
    int length = JsonBytes.sequence(array, i, to);
    while (length > 0) {
      int kind = TextStates.of(array, i, length);
      if (kind != TextStates.NONE) {
        state = TextStates.next(state, kind);
        counts[state]++;
      }
      i = plain(array, i + length, to);
      length = JsonBytes.sequence(array, i, to);
    }
    return i;
  }

  private int plain(byte[] array, int from, int to) {
    int s = state;
    int i = from;
    // Two characters at a time: each step waits for the one before.
    for (; i < to - 1; i += 2) {
      int first = TextStates.PLAIN[array[i] & 0xff];
      int second = TextStates.PLAIN[array[i + 1] & 0xff];
      if (first == TextStates.NONE || second == TextStates.NONE) {
        break;
      }
      counts[TextStates.next(s, first)]++;
      s = TextStates.nextButOne(s, first, second);
      counts[s]++;
    }
    for (; i < to && TextStates.PLAIN[array[i] & 0xff] != TextStates.NONE; i++) {
      s = TextStates.next(s, TextStates.PLAIN[array[i] & 0xff]);
      counts[s]++;
    }
    state = s;
    return i;
  }

  private void pass(int bytes) {
    length += bytes;
    sampled += phase == COUNTED ? bytes : 0;
    if (length < turn) {
      return;
    }
    if (whole == 0) {
      addSamples();
      Arrays.fill(visits, 0);
      sampled = 0;
      whole = length;
    } else {
      phase = (phase + 1) % PHASES.length;
      counts = phase == COUNTED ? visits : unheeded;
    }
    turn += PHASES[phase];
  }

  private void addSamples() {
    TextStates.addFeatures(visits, (length - whole) / Math.max(1.0, sampled), amounts);
  }

  /** What was read; to be called once. */
  PromptText text(int messages, int tokenIds, int media) {
    addSamples();
    amounts[TextFeature.REQUEST.index()] = 1;
    amounts[TextFeature.MESSAGE.index()] = messages;
    return new PromptText(amounts, length, tokenIds, media);
  }
}

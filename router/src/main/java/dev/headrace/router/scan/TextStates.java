package dev.headrace.router.scan;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The automaton that reads a text: each character moves it into a state, and how often each state
 * was entered tells the {@link TextFeature}s. So a character costs two table lookups and one
 * addition, whatever is counted of it. Its tables are built once and never change.
 */
final class TextStates {
  private TextStates() {}

  /** The classes of characters, each by one of its own. */
  private static final String KINDS = "aA0 \t\n_.éж字。かक—\ud83d";

  /** A power of two, so that a state and a class make an index. */
  private static final int CLASSES = 16;

  /** The class of characters beyond the first 65,536, told by the first half of a pair. */
  private static final int ASTRAL = CLASSES - 1;

  /** Of what is no character by itself: such a byte, or the second half of a pair. */
  static final int NONE = -1;

  private enum State {
    BEGIN(null, 0),
    FIRST(TextFeature.WORD, 1),
    INNER(TextFeature.INNER_WORD, 1),
    SECOND(null, 0),
    THIRD(null, 0),
    FOURTH(null, 0),
    FIFTH(null, 0),
    SIXTH(null, 0),
    SEVENTH(null, 0),
    LATER(TextFeature.LONG_WORD_LETTER, 1),
    CAPITALS(TextFeature.CAPITAL, 1),
    DIGIT_1(TextFeature.NUMBER, 1),
    DIGIT_2(TextFeature.FURTHER_DIGIT, 1),
    DIGIT_3(TextFeature.FURTHER_DIGIT, 1),
    SPACE_1(null, 0),
    SPACE_2(TextFeature.BLANKS, 1),
    SPACE_3(TextFeature.INDENT, 1),
    TAB_1(TextFeature.BLANKS, 1),
    TAB_2(TextFeature.INDENT, 1),
    LINE_1(TextFeature.LINE_BREAK, 1),
    LINE_2(TextFeature.LINE_BREAK, 0.5),
    SIGN_1(TextFeature.PUNCTUATION, 1),
    UNDERSCORES(TextFeature.PUNCTUATION, 1),
    SIGN_2(TextFeature.FURTHER_PUNCTUATION, 1),
    SIGN_3(TextFeature.FURTHER_PUNCTUATION, 0.2),
    ACCENTED(TextFeature.ACCENT, 1),
    LETTERS(TextFeature.ALPHABET, 1),
    IDEOGRAPHS(TextFeature.HAN, 1),
    WIDE_SIGNS(TextFeature.CJK_PUNCTUATION, 1),
    SYLLABLES(TextFeature.SYLLABLE, 1),
    OTHERS(TextFeature.OTHER_SCRIPT, 1),
    TYPOGRAPHY(TextFeature.SYMBOL, 1),
    ASTRALS(TextFeature.SYMBOL, 3);

    private final @Nullable TextFeature feature;
    private final double weight;

    State(@Nullable TextFeature feature, double weight) {
      this.feature = feature;
      this.weight = weight;
    }

    boolean word() {
      return compareTo(FIRST) >= 0 && compareTo(LATER) <= 0;
    }

    boolean sign() {
      return compareTo(SIGN_1) >= 0 && compareTo(SIGN_3) <= 0;
    }
  }

  private static final List<State> STATES = List.of(State.values());

  /** Where a text begins. */
  static final int BEGIN = 0;

  static final int SIZE = STATES.size();

  private static final byte[] NEXT = new byte[SIZE * CLASSES];
  private static final byte[] NEXT_BUT_ONE = new byte[SIZE * CLASSES * CLASSES];

  private static final byte[] ASCII = new byte[0x80];

  /** Class of a plain byte in a JSON string. */
  static final byte[] PLAIN = new byte[256];

  /** Where characters of another kind begin, and the kind; each at a multiple of 64. */
  private static final int[] RANGES = {
    0x80, '—', 0xC0, 'é', 0x240, 'ж', 0x800, 'क', 0x2000, '—', 0x3000, '。', 0x3040, 'か', 0x3400,
    '字', 0xA000, 'か', 0xD800, '\ud83d', 0xDC00, NONE, 0xE000, '。'
  };

  /** Class of a character below 65,536 and not in ASCII, by its code without the last six bits. */
  private static final byte[] BY_BLOCK = new byte[0x10000 >> 6];

  static {
    for (int i = 0; i < NEXT.length; i++) {
      NEXT[i] = (byte) STATES.indexOf(step(STATES.get(i / CLASSES), KINDS.charAt(i % CLASSES)));
    }
    for (int i = 0; i < NEXT_BUT_ONE.length; i++) {
      NEXT_BUT_ONE[i] = NEXT[NEXT[i / CLASSES] * CLASSES + i % CLASSES];
    }
    for (int range = 0; range < RANGES.length; range += 2) {
      Arrays.fill(BY_BLOCK, RANGES[range] >> 6, BY_BLOCK.length, kind(RANGES[range + 1]));
    }
    Arrays.fill(PLAIN, (byte) NONE);
    for (int b = 0; b < ASCII.length; b++) {
      ASCII[b] = ascii(b);
      PLAIN[b] = b < ' ' || b == '"' || b == '\\' ? NONE : ASCII[b];
    }
  }

  /** Adds what the visits of states mean to amounts by {@link TextFeature#index}. */
  static void addFeatures(int[] visits, double factor, double[] amounts) {
    for (int i = 0; i < SIZE; i++) {
      State state = STATES.get(i);
      if (state.feature != null) {
        amounts[state.feature.index()] += factor * state.weight * visits[i];
      }
    }
  }

  /** The state behind a character of this class. */
  static int next(int state, int first) {
    return NEXT[state * CLASSES + first];
  }

  /** The state behind two characters. */
  static int nextButOne(int state, int first, int second) {
    return NEXT_BUT_ONE[(state * CLASSES + first) * CLASSES + second];
  }

  private static State step(State from, char kind) {
    return switch (kind) {
      case 'a' -> lower(from);
      case 'A' -> upper(from);
      case '0' ->
          from == State.DIGIT_3
              ? State.DIGIT_1
              : run(from, State.DIGIT_1, State.DIGIT_2, State.DIGIT_3);
      case ' ' -> run(from, State.SPACE_1, State.SPACE_2, State.SPACE_3);
      case '\t' -> run(from, State.TAB_1, State.TAB_2);
      case '\n' -> run(from, State.LINE_1, State.LINE_2);
      case '_' -> State.UNDERSCORES;
      case '.' ->
          from == State.UNDERSCORES
              ? State.SIGN_2
              : run(from, State.SIGN_1, State.SIGN_2, State.SIGN_3);
      default -> STATES.get(STATES.indexOf(State.ACCENTED) + kind(kind) - kind('é'));
    };
  }

  /** The state behind another character of a kind, of which each further one counts less. */
  private static State run(State from, State... states) {
    int at = List.of(states).indexOf(from);
    return states[Math.min(at + 1, states.length - 1)];
  }

  private static State lower(State from) {
    return switch (from) {
      case FIRST, INNER, CAPITALS, ACCENTED -> State.SECOND;
      case SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH -> STATES.get(STATES.indexOf(from) + 1);
      case LATER -> State.LATER;
      default -> from.sign() ? State.INNER : State.FIRST;
    };
  }

  private static State upper(State from) {
    return switch (from) {
      case FIRST, INNER, CAPITALS -> State.CAPITALS;
      case ACCENTED -> State.INNER;
      default -> from.word() || from.sign() ? State.INNER : State.FIRST;
    };
  }

  private static byte kind(int kind) {
    return (byte) KINDS.indexOf(kind);
  }

  private static byte ascii(int b) {
    if (b == '\r') {
      return kind('\n');
    }
    int letter = Character.isLowerCase(b) ? 'a' : Character.isUpperCase(b) ? 'A' : '.';
    return kind(Character.isDigit(b) ? '0' : " \t\n_".indexOf(b) < 0 ? letter : b);
  }

  /** Class of a character. */
  static int of(int point) {
    return point < 0x80 ? ASCII[point] : point < 0x10000 ? BY_BLOCK[point >> 6] : ASTRAL;
  }

  /** Class of the character that is a sequence of bytes or an escape. */
  static int of(byte[] array, int at, int length) {
    int lead = array[at];
    if (lead == '\\') {
      return of(length == 2 ? JsonBytes.escaped(array[at + 1]) : JsonBytes.hex(array, at));
    }
    return BY_BLOCK[length == 2 ? lead & 0x1f : (lead & 0x0f) << 6 | (array[at + 1] & 0x3f)];
  }
}

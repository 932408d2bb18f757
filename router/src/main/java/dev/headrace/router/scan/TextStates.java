package dev.headrace.router.scan;

import static dev.headrace.router.scan.TextFeature.ACCENT;
import static dev.headrace.router.scan.TextFeature.ALPHABET;
import static dev.headrace.router.scan.TextFeature.BLANKS;
import static dev.headrace.router.scan.TextFeature.CAPITAL;
import static dev.headrace.router.scan.TextFeature.CJK_PUNCTUATION;
import static dev.headrace.router.scan.TextFeature.FURTHER_DIGIT;
import static dev.headrace.router.scan.TextFeature.FURTHER_PUNCTUATION;
import static dev.headrace.router.scan.TextFeature.HAN;
import static dev.headrace.router.scan.TextFeature.INDENT;
import static dev.headrace.router.scan.TextFeature.INNER_WORD;
import static dev.headrace.router.scan.TextFeature.LINE_BREAK;
import static dev.headrace.router.scan.TextFeature.LONG_WORD_LETTER;
import static dev.headrace.router.scan.TextFeature.NUMBER;
import static dev.headrace.router.scan.TextFeature.OTHER_SCRIPT;
import static dev.headrace.router.scan.TextFeature.PUNCTUATION;
import static dev.headrace.router.scan.TextFeature.SYLLABLE;
import static dev.headrace.router.scan.TextFeature.SYMBOL;
import static dev.headrace.router.scan.TextFeature.WORD;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The automaton that reads a text: each character moves it into a state, and how often each state
 * was entered tells the {@link TextFeature}s. So a character costs two table lookups and one
 * addition, whatever is counted of it. Its tables are built once and never change.
 */
final class TextStates {
  private TextStates() {}

  /** Classes of characters, below {@link #CLASSES}. */
  static final int LOWER = 0;

  static final int UPPER = 1;
  static final int DIGIT = 2;
  static final int SPACE = 3;
  static final int TAB = 4;
  static final int NEWLINE = 5;
  static final int UNDERSCORE = 6;
  static final int SIGN = 7;
  static final int LATIN = 8;
  static final int LETTER = 9;
  static final int IDEOGRAPH = 10;
  static final int WIDE_SIGN = 11;
  static final int SYLLABIC = 12;
  static final int OTHER = 13;
  static final int TYPOGRAPHIC = 14;
  static final int ASTRAL = 15;

  /** A power of two, so that a state and a class make an index. */
  static final int CLASSES = 16;

  /** What follows a first byte and was counted with it. */
  static final int CONTINUATION = 16;

  /** First byte of U+3000 to U+3FFF, where the second byte decides. */
  static final int MIXED = 17;

  static final int ESCAPE = 18;
  static final int QUOTE = 19;

  private enum State {
    BEGIN(null, 0),
    FIRST(WORD, 1),
    INNER(INNER_WORD, 1),
    SECOND(null, 0),
    THIRD(null, 0),
    FOURTH(null, 0),
    FIFTH(null, 0),
    SIXTH(null, 0),
    SEVENTH(null, 0),
    LATER(LONG_WORD_LETTER, 1),
    CAPITALS(CAPITAL, 1),
    ACCENTED(ACCENT, 1),
    DIGIT_1(NUMBER, 1),
    DIGIT_2(FURTHER_DIGIT, 1),
    DIGIT_3(FURTHER_DIGIT, 1),
    SPACE_1(null, 0),
    SPACE_2(BLANKS, 1),
    SPACE_3(INDENT, 1),
    TAB_1(BLANKS, 1),
    TAB_2(INDENT, 1),
    LINE_1(LINE_BREAK, 1),
    LINE_2(LINE_BREAK, 0.5),
    SIGN_1(PUNCTUATION, 1),
    UNDERSCORES(PUNCTUATION, 1),
    SIGN_2(FURTHER_PUNCTUATION, 1),
    SIGN_3(FURTHER_PUNCTUATION, 0.2),
    LETTERS(ALPHABET, 1),
    IDEOGRAPHS(HAN, 1),
    WIDE_SIGNS(CJK_PUNCTUATION, 1),
    SYLLABLES(SYLLABLE, 1),
    OTHERS(OTHER_SCRIPT, 1),
    TYPOGRAPHY(SYMBOL, 1),
    ASTRALS(SYMBOL, 3);

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

  /** The next state, by {@code state * CLASSES + class}. */
  static final byte[] NEXT = next();

  /** Class of a byte in a JSON string. */
  static final byte[] IN_STRING = classes();

  /** Class of a byte where JSON itself is the text: quotes and backslashes are signs. */
  static final byte[] RAW = raw();

  /** Adds what the visits of states mean to amounts by {@link TextFeature#index}. */
  static void addFeatures(int[] visits, double[] amounts) {
    for (int i = 0; i < SIZE; i++) {
      State state = STATES.get(i);
      if (state.feature != null) {
        amounts[state.feature.index()] += state.weight * visits[i];
      }
    }
  }

  private static byte[] next() {
    byte[] table = new byte[SIZE * CLASSES];
    for (int from = 0; from < SIZE; from++) {
      for (int c = 0; c < CLASSES; c++) {
        table[from * CLASSES + c] = (byte) STATES.indexOf(step(STATES.get(from), c));
      }
    }
    return table;
  }

  private static State step(State from, int c) {
    return switch (c) {
      case LOWER -> lower(from);
      case UPPER -> upper(from);
      case DIGIT ->
          from == State.DIGIT_1
              ? State.DIGIT_2
              : from == State.DIGIT_2 ? State.DIGIT_3 : State.DIGIT_1;
      case SPACE ->
          switch (from) {
            case SPACE_1 -> State.SPACE_2;
            case SPACE_2, SPACE_3 -> State.SPACE_3;
            default -> State.SPACE_1;
          };
      case TAB -> from == State.TAB_1 || from == State.TAB_2 ? State.TAB_2 : State.TAB_1;
      case NEWLINE -> from == State.LINE_1 || from == State.LINE_2 ? State.LINE_2 : State.LINE_1;
      case UNDERSCORE -> State.UNDERSCORES;
      case SIGN ->
          switch (from) {
            case SIGN_1, UNDERSCORES -> State.SIGN_2;
            case SIGN_2, SIGN_3 -> State.SIGN_3;
            default -> State.SIGN_1;
          };
      case LATIN -> State.ACCENTED;
      case LETTER -> State.LETTERS;
      case IDEOGRAPH -> State.IDEOGRAPHS;
      case WIDE_SIGN -> State.WIDE_SIGNS;
      case SYLLABIC -> State.SYLLABLES;
      case OTHER -> State.OTHERS;
      case TYPOGRAPHIC -> State.TYPOGRAPHY;
      default -> State.ASTRALS;
    };
  }

  private static State lower(State from) {
    return switch (from) {
      case FIRST, INNER, CAPITALS, ACCENTED -> State.SECOND;
      case SECOND -> State.THIRD;
      case THIRD -> State.FOURTH;
      case FOURTH -> State.FIFTH;
      case FIFTH -> State.SIXTH;
      case SIXTH -> State.SEVENTH;
      case SEVENTH, LATER -> State.LATER;
      default -> from.sign() ? State.INNER : State.FIRST;
    };
  }

  private static State upper(State from) {
    if (from == State.FIRST || from == State.INNER || from == State.CAPITALS) {
      return State.CAPITALS;
    }
    return from.word() || from.sign() || from == State.ACCENTED ? State.INNER : State.FIRST;
  }

  /** By the first byte in UTF-8: what stands in one block costs about the same. */
  private static byte[] classes() {
    byte[] table = new byte[256];
    for (int b = 0; b < 256; b++) {
      table[b] = (byte) (b < 0x80 ? ascii(b) : first(b));
    }
    table['"'] = QUOTE;
    table['\\'] = ESCAPE;
    return table;
  }

  private static byte[] raw() {
    byte[] table = classes();
    table['"'] = SIGN;
    table['\\'] = SIGN;
    return table;
  }

  private static int ascii(int b) {
    if (b >= 'a' && b <= 'z') {
      return LOWER;
    }
    if (b >= 'A' && b <= 'Z') {
      return UPPER;
    }
    if (b >= '0' && b <= '9') {
      return DIGIT;
    }
    return switch (b) {
      case ' ' -> SPACE;
      case '\t' -> TAB;
      case '\n', '\r' -> NEWLINE;
      case '_' -> UNDERSCORE;
      default -> SIGN;
    };
  }

  private static int first(int b) {
    if (b < 0xC0) {
      return CONTINUATION;
    }
    if (b < 0xE0) {
      return ofCodePoint((b & 0x1f) << 6);
    }
    if (b == 0xE3) {
      return MIXED;
    }
    return b < 0xF0 ? ofCodePoint((b & 0x0f) << 12 | (b == 0xE0 ? 0x800 : 0)) : ASTRAL;
  }

  /** The same for a character that was written as an escape. */
  static int ofCodePoint(int c) {
    if (c < 0x80) {
      return ascii(c);
    }
    if (c < 0xC0) {
      return TYPOGRAPHIC;
    }
    if (c < 0x240) {
      return LATIN;
    }
    if (c < 0x800) {
      return LETTER;
    }
    if (c < 0x2000) {
      return OTHER;
    }
    if (c < 0x3000) {
      return TYPOGRAPHIC;
    }
    if (c < 0x3040) {
      return WIDE_SIGN;
    }
    if (c < 0x3400) {
      return SYLLABIC;
    }
    if (c < 0xA000) {
      return IDEOGRAPH;
    }
    if (c < 0xE000) {
      return SYLLABIC;
    }
    return c < 0x10000 ? WIDE_SIGN : ASTRAL;
  }
}

package dev.headrace.router.scan;

/**
 * What of a text decides how many tokens it is. The pieces are those that byte-pair tokenizers cut
 * a text into before they merge (words with the space before them, runs of digits, punctuation and
 * blanks), so one of each costs nearly the same everywhere in the texts of one model.
 */
public enum TextFeature {
  /** A word's first letter, after a space, a line break or at the beginning. */
  WORD(0, 1.08, 0.64),
  /** A word's first letter inside a longer name: after punctuation, or a capital after a small. */
  INNER_WORD(1, 0.85, 0.53),
  /** Letters of a word from the eighth on. */
  LONG_WORD_LETTER(2, 0.12, 0.16),
  /** Capitals after a capital. */
  CAPITAL(3, 0.4, 0.3),
  /** Latin letters beyond ASCII. */
  ACCENT(4, 1.0, 0.6),
  /** A group of up to three digits. */
  NUMBER(5, 1.1, 0.65),
  /** Digits of a group after its first: some tokenizers take digits one by one. */
  FURTHER_DIGIT(6, 0.1, 0.3),
  /** The first of a run of ASCII punctuation, and each underscore. */
  PUNCTUATION(7, 0.75, 0.48),
  /** The second of a run; each one after it counts a fifth. */
  FURTHER_PUNCTUATION(8, 0.25, 0.23),
  /** A line break; each one directly after it counts a half. */
  LINE_BREAK(9, 0.35, 0.28),
  /** A run of two or more spaces, or of tabs. */
  BLANKS(10, 0.9, 0.55),
  /** Spaces of a run from the third on, and tabs from the second on. */
  INDENT(11, 0.05, 0.13),
  /** Chinese characters. */
  HAN(12, 0.85, 0.5),
  /** Punctuation of CJK texts and full-width forms. */
  CJK_PUNCTUATION(13, 1.0, 0.6),
  /** Kana and Hangul. */
  SYLLABLE(14, 1.0, 0.6),
  /** Letters of two bytes that are not Latin: Greek, Cyrillic, Hebrew, Arabic and others. */
  ALPHABET(15, 0.5, 0.35),
  /** Other letters of three bytes: the scripts of India, Thai and others. */
  OTHER_SCRIPT(16, 1.0, 0.6),
  /** Typographic and other signs; what lies beyond the first 65,536 counts three. */
  SYMBOL(17, 1.2, 0.7),
  /** The request itself: what the chat template puts around all messages. */
  REQUEST(18, 3, 1.6),
  /** One message, or one input of a list: what the chat template puts around each. */
  MESSAGE(19, 4, 2.1);

  private final int index;
  private final double usualTokens;
  private final double deviation;

  TextFeature(int index, double usualTokens, double deviation) {
    this.index = index;
    this.usualTokens = usualTokens;
    this.deviation = deviation;
  }

  /** Its place in arrays of amounts and coefficients: from 0, without a gap. */
  public int index() {
    return index;
  }

  /** Tokens that one of it usually costs, before anything is known of a model. */
  public double usualTokens() {
    return usualTokens;
  }

  /** By how much models differ in it: one standard deviation of {@link #usualTokens}. */
  public double deviation() {
    return deviation;
  }
}

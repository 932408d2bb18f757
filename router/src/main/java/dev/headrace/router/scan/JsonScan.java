package dev.headrace.router.scan;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.scan.JsonFields.Use;

/**
 * The grammar of JSON (RFC 8259) over a body that arrives piece by piece: one object in UTF-8, with
 * or without a byte order mark. It checks all of it, builds no tree and no string that nobody asked
 * for, and tells {@link JsonFields} where each value begins and ends. A general parser would make a
 * string of each name, and wait for the whole body or hold a copy of its pieces.
 *
 * <p>All that it holds between two pieces is its state, and of a name or a value that is wanted the
 * characters so far.
 */
final class JsonScan implements BodyScan {
  /** Deeper nesting is refused: it serves nobody but an attacker. */
  static final int MAX_DEPTH = 64;

  /** Characters of a value that is wanted, such as the model's name. */
  static final int LONGEST_VALUE = 64 * 1024;

  private static final int LONGEST_NUMBER = 1000;

  /** Characters of a number whose value matters. */
  private static final int LONGEST_INTEGER = 18;

  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  // What may stand at the next byte.
  private static final int START = 0;
  private static final int VALUE = 1;
  private static final int FIRST_VALUE = 2;
  private static final int NAME = 3;
  private static final int FIRST_NAME = 4;
  private static final int COLON = 5;
  private static final int AFTER_VALUE = 6;
  private static final int END = 7;
  private static final int STRING = 8;
  private static final int ESCAPE = 9;
  private static final int HEX = 10;
  private static final int CONTINUATION = 11;
  private static final int NUMBER = 12;
  private static final int WORD = 13;

  // What of a number is read.
  private static final int WHOLE = 0;
  private static final int FRACTION = 1;
  private static final int EXPONENT = 2;
  private static final int SIGNED_EXPONENT = 3;

  private final JsonFields fields = new JsonFields();

  /** Offset in the body of index 0 of the array in hand. */
  private int shift;

  private int position;
  private int state = START;
  private int marks;
  private int depth;

  /** One bit for each open bracket, the innermost last: 1 for an object. */
  private long objects;

  // The number or word in hand.
  private int begin;
  private int section;
  private int digits;
  private int sign;
  private long number;
  private String word = "";

  // The string in hand, and the character in it that is not plain.
  private boolean name;
  private Use use = Use.SKIP;

  /** Of a name, as many of its characters as decide what it means. */
  private final byte[] letters = new byte[Name.LONGEST + 1];

  private int letterCount;
  private final StringBuilder kept = new StringBuilder();
  private int point;
  private int length;
  private int missing;

  @Override
  public void feed(byte[] array, int from, int to) throws BodyRefused {
    shift = position - from;
    int i = from;
    while (i < to) {
      i =
          switch (state) {
            case STRING -> string(array, i, to);
            case NUMBER -> number(array, i, to);
            case ESCAPE, HEX, CONTINUATION -> inCharacter(array, i, to);
            default -> next(array[i], i);
          };
    }
    position += to - from;
  }

  @Override
  public ScannedRequest end() throws BodyRefused {
    if (state == START) {
      throw refused("The request body is empty; a JSON object was expected.");
    }
    if (state != END) {
      throw invalid(position, "it ends before the object does");
    }
    return fields.result();
  }

  /** Reads one byte at this index; returns the next index. */
  private int next(byte b, int i) throws BodyRefused {
    int at = shift + i;
    if (state < STRING && (b == ' ' || b == '\n' || b == '\r' || b == '\t')) {
      return i + 1;
    }
    fields.between(b);
    switch (state) {
      case START -> start(b, at);
      case FIRST_VALUE, VALUE -> {
        if (b == ']' && state == FIRST_VALUE) {
          close(b, at);
        } else {
          return value(b, i);
        }
      }
      case FIRST_NAME, NAME -> {
        if (b == '"') {
          begin(true, fields.beginName(depth));
        } else if (b == '}' && state == FIRST_NAME) {
          close(b, at);
        } else {
          throw invalid(at, "a name in double quotes was expected");
        }
      }
      case COLON -> {
        if (b != ':') {
          throw invalid(at, "a colon was expected");
        }
        state = VALUE;
      }
      case AFTER_VALUE -> {
        if (b == ',') {
          state = (objects & 1) == 1 ? NAME : VALUE;
        } else {
          close(b, at);
        }
      }
      case WORD -> word(b, at);
      default ->
          throw refused("The request body goes on after the JSON object, at byte " + at + ".");
    }
    return i + 1;
  }

  private void start(byte b, int at) throws BodyRefused {
    if (at < MARK.length && at == marks && b == MARK[at]) {
      marks++;
    } else if (b == '{' && marks % MARK.length == 0) {
      fields.begin(at + 1);
      open(b);
    } else {
      throw new BodyRefused(
          ErrorCode.INVALID_BODY, "The request body must be a JSON object in UTF-8.", null);
    }
  }

  private int value(byte b, int i) throws BodyRefused {
    int at = shift + i;
    word = b == 't' ? "true" : b == 'f' ? "false" : b == 'n' ? "null" : "";
    boolean numeral = b == '-' || (b >= '0' && b <= '9');
    if (b != '"' && b != '{' && b != '[' && !numeral && word.isEmpty()) {
      throw invalid(at, "a value was expected");
    }
    Use wanted = fields.begin(b, at, depth);
    begin = at;
    if (b == '"') {
      begin(false, wanted);
    } else if (numeral) {
      sign = b == '-' ? -1 : 1;
      number = 0;
      section = WHOLE;
      digits = 0;
      state = NUMBER;
      return i;
    } else if (word.isEmpty()) {
      open(b);
    } else {
      state = WORD;
    }
    return i + 1;
  }

  private void open(byte b) throws BodyRefused {
    if (depth == MAX_DEPTH) {
      throw refused("The request body breaks a limit: it is nested deeper than " + MAX_DEPTH + ".");
    }
    depth++;
    objects = objects << 1 | (b == '{' ? 1 : 0);
    state = b == '{' ? FIRST_NAME : FIRST_VALUE;
  }

  private void close(byte b, int at) throws BodyRefused {
    char bracket = (objects & 1) == 1 ? '}' : ']';
    if (b != bracket) {
      throw invalid(at, "a comma or " + bracket + " was expected");
    }
    depth--;
    objects >>>= 1;
    ended(JsonFields.NO_INTEGER, at + 1);
    fields.closed();
  }

  private void ended(long integer, int end) {
    state = depth == 0 ? END : AFTER_VALUE;
    fields.end(integer, end, depth);
  }

  private void word(byte b, int at) throws BodyRefused {
    if (b != word.charAt(at - begin)) {
      throw invalid(begin, "a value was expected");
    }
    if (at - begin == word.length() - 1) {
      ended(JsonFields.NO_INTEGER, at + 1);
    }
  }

  private int number(byte[] array, int from, int to) throws BodyRefused {
    for (int i = from; i < to; i++) {
      byte b = array[i];
      int size = shift + i - begin;
      fields.between(b);
      if (b >= '0' && b <= '9' && (section != WHOLE || digits != 1 || number != 0)) {
        digits++;
        number = section == WHOLE ? 10 * number + b - '0' : number;
      } else if (b == '.' && section == WHOLE && digits > 0) {
        section = FRACTION;
        digits = 0;
      } else if ((b == 'e' || b == 'E') && section <= FRACTION && digits > 0) {
        section = EXPONENT;
        digits = 0;
      } else if ((b == '+' || b == '-') && section == EXPONENT && digits == 0) {
        section = SIGNED_EXPONENT;
      } else if (b != '-' || size > 0) {
        if (digits == 0) {
          throw invalid(shift + i, "a digit was expected");
        }
        boolean integer = section == WHOLE && size <= LONGEST_INTEGER;
        ended(integer ? sign * number : JsonFields.NO_INTEGER, shift + i);
        return i;
      }
      if (size == LONGEST_NUMBER) {
        throw refused("The request body breaks a limit: a number is longer than " + size + ".");
      }
    }
    return to;
  }

  private void begin(boolean isName, Use wanted) {
    name = isName;
    use = wanted;
    kept.setLength(0);
    letterCount = 0;
    state = STRING;
  }

  /**
   * Reads on in a string, up to the next character that is not plain, and that one's first byte.
   */
  private int string(byte[] array, int from, int to) throws BodyRefused {
    int i =
        switch (use) {
          case SKIP -> JsonBytes.endOfRun(array, from, to);
          case TEXT -> fields.text.run(array, from, to);
          default -> keep(array, from, to);
        };
    if (i == to) {
      return i;
    }
    byte b = array[i];
    if (b == '"') {
      endOfString(shift + i + 1);
    } else if (b == '\\') {
      state = ESCAPE;
    } else if (b >= 0) {
      throw invalid(shift + i, "a text has a control character");
    } else if (b < JsonBytes.C2 || b > JsonBytes.F4) {
      throw invalid(shift + i, "a text is not UTF-8");
    } else {
      length = b < JsonBytes.E0 ? 2 : b < JsonBytes.F0 ? 3 : 4;
      missing = length - 1;
      point = b & 0x7f >> length;
      state = CONTINUATION;
    }
    return i + 1;
  }

  private int keep(byte[] array, int from, int to) throws BodyRefused {
    int most = LONGEST_VALUE + 1 - kept.length();
    int end = JsonBytes.endOfPlain(array, from, use == Use.NAME ? to : Math.min(to, from + most));
    if (use == Use.NAME) {
      int more = Math.min(end - from, letters.length - letterCount);
      System.arraycopy(array, from, letters, letterCount, more);
      letterCount += more;
      return end;
    }
    for (int i = from; i < end; i++) {
      kept.append((char) array[i]);
    }
    if (kept.length() > LONGEST_VALUE) {
      throw fields.tooLong(LONGEST_VALUE);
    }
    return end;
  }

  private void endOfString(int end) {
    fields.between((byte) '"');
    if (use == Use.NAME) {
      fields.name(Name.of(letters, letterCount), name ? depth : 0);
    } else if (use == Use.VALUE) {
      fields.value = kept.toString();
    }
    if (name) {
      state = COLON;
    } else {
      ended(JsonFields.NO_INTEGER, end);
    }
  }

  /** Reads on in a character that is not plain. */
  private int inCharacter(byte[] array, int from, int to) throws BodyRefused {
    int i = from;
    do {
      byte b = array[i];
      if (state == HEX) {
        int digit = Character.digit(b, 16);
        if (digit < 0) {
          throw invalid(shift + i, "an escape has no meaning");
        }
        point = point << 4 | digit;
        missing--;
      } else if (state == CONTINUATION) {
        point = point << 6 | (b & 0x3f);
        missing--;
        int least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
        boolean surrogate = (point & ~0x7ff) == 0xd800;
        boolean meant = point >= least && point <= Character.MAX_CODE_POINT && !surrogate;
        if (b >= JsonBytes.CONTINUED || (missing == 0 && !meant)) {
          throw invalid(shift + i, "a text is not UTF-8");
        }
      } else if (b == 'u') {
        point = 0;
        length = 6;
        missing = 4;
        state = HEX;
      } else {
        point = JsonBytes.escaped(b);
        if (point == 0) {
          throw invalid(shift + i, "an escape has no meaning");
        }
        length = 2;
        missing = 0;
      }
      i++;
    } while (missing > 0 && i < to);
    if (missing == 0) {
      state = STRING;
      character();
    }
    return i;
  }

  private void character() {
    if (use == Use.TEXT) {
      fields.text.character(point, length);
    } else if (use == Use.VALUE) {
      kept.appendCodePoint(point);
    } else if (use == Use.NAME && letterCount < letters.length) {
      letters[letterCount++] = (byte) (point < 0x80 ? point : -1);
    }
  }

  private static BodyRefused invalid(int at, String why) {
    return refused("The request body is not valid JSON at byte " + at + ": " + why + ".");
  }

  private static BodyRefused refused(String message) {
    return new BodyRefused(ErrorCode.INVALID_JSON, message, null);
  }
}

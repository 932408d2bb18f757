package dev.headrace.router.scan;

import java.nio.charset.StandardCharsets;

/**
 * Counts the {@link TextFeature}s of a prompt in one pass over its JSON, with its escapes decoded.
 * Texts are the strings that a chat template would show to the model: what names, types and points
 * to things is passed over, and so are the bytes of images and sounds. Expects spans that a parser
 * has found to be valid JSON. Holds a few dozen counters, whatever it reads. Confined to its
 * caller.
 *
 * <p>An event loop waits for it, so it looks closely at the first {@value #CLOSELY} bytes of text
 * only; what comes behind them is taken to be of the same kind.
 */
final class PromptReader {
  static final int CLOSELY = 256 * 1024;

  /** Fields whose strings are no text: names of kinds, references, and media in base64. */
  private static final byte[][] NO_TEXT =
      ascii(
          "type",
          "role",
          "id",
          "call_id",
          "tool_call_id",
          "tool_use_id",
          "item_id",
          "status",
          "url",
          "image_url",
          "video_url",
          "audio_url",
          "data",
          "image",
          "audio",
          "media_type",
          "format",
          "detail",
          "file_id",
          "file_data",
          "filename",
          "signature",
          "encrypted_content");

  private static final byte[] TYPE = "type".getBytes(StandardCharsets.US_ASCII);

  /** Kinds of content that cost tokens without being text. */
  private static final byte[][] MEDIA =
      ascii(
          "image",
          "image_url",
          "input_image",
          "audio",
          "audio_url",
          "input_audio",
          "video",
          "video_url",
          "input_video",
          "file",
          "input_file",
          "document");

  private final byte[] body;
  private final int[] visits = new int[TextStates.SIZE];
  private int textBytes;
  private int bytesSeen;
  private int messages;
  private int tokenIds;
  private int media;

  PromptReader(byte[] body) {
    this.body = body;
  }

  /** Reads a value whose texts are prompt: a text, a list of texts or messages, or token ids. */
  void addPrompt(Span at) {
    int i = at.start();
    int end = at.end();
    boolean list = i < end && body[i] == '[';
    messages += list ? 0 : 1;
    // One bit for each open bracket: 1 for an object. RequestScan bounds the depth by 64.
    long objects = 0;
    int depth = 0;
    int openObjects = 0;
    boolean nameComes = false;
    boolean text = true;
    boolean type = false;
    while (i < end) {
      byte b = body[i];
      switch (b) {
        case '{', '[' -> {
          messages += list && depth == 1 && !number(i + 1) ? 1 : 0;
          boolean object = b == '{';
          objects = objects << 1 | (object ? 1 : 0);
          openObjects += object ? 1 : 0;
          depth++;
          nameComes = object;
          if (object) {
            text = true;
            type = false;
          }
          i++;
        }
        case '}', ']' -> {
          openObjects -= (int) (objects & 1);
          objects >>>= 1;
          depth--;
          text = true;
          type = false;
          i++;
        }
        case ',' -> {
          nameComes = (objects & 1) == 1;
          i++;
        }
        case ':' -> {
          nameComes = false;
          i++;
        }
        case '"' -> {
          if (nameComes) {
            int close = endOfString(i + 1);
            text = !among(NO_TEXT, i + 1, close);
            type = equal(TYPE, i + 1, close);
            i = close + 1;
          } else {
            messages += list && depth == 1 ? 1 : 0;
            int from = i + 1;
            if (text) {
              int close = readString(from);
              textBytes += close - from;
              i = close + 1;
            } else {
              int close = endOfString(from);
              media += type && among(MEDIA, from, close) ? 1 : 0;
              i = close + 1;
            }
          }
        }
        default -> {
          if (openObjects == 0 && depth > 0 && number(i) && !number(i - 1)) {
            tokenIds++;
          }
          i++;
        }
      }
    }
  }

  /** Reads a value that a chat template shows to the model as JSON, such as the tools. */
  void addJson(Span at) {
    int state = TextStates.BEGIN;
    int end = at.start() + Math.min(at.length(), closely());
    for (int i = at.start(); i < end; i++) {
      int c = TextStates.RAW[body[i] & 0xff];
      if (c >= TextStates.CLASSES) {
        if (c == TextStates.CONTINUATION) {
          continue;
        }
        c = mixed(i);
      }
      state = TextStates.NEXT[state * TextStates.CLASSES + c];
      visits[state]++;
    }
    textBytes += at.length();
    bytesSeen += end - at.start();
  }

  private int closely() {
    return Math.max(0, CLOSELY - bytesSeen);
  }

  PromptText text() {
    double[] amounts = new double[TextFeature.values().length];
    TextStates.addFeatures(visits, amounts);
    if (bytesSeen < textBytes) {
      double factor = (double) textBytes / Math.max(1, bytesSeen);
      for (int i = 0; i < amounts.length; i++) {
        amounts[i] *= factor;
      }
    }
    amounts[TextFeature.REQUEST.index()] = 1;
    amounts[TextFeature.MESSAGE.index()] = messages;
    return new PromptText(amounts, textBytes, tokenIds, media);
  }

  /** Reads from behind the opening quote; returns the index of the closing one. */
  private int readString(int from) {
    byte[] bytes = body;
    int state = TextStates.BEGIN;
    int i = from;
    int end = Math.min(bytes.length, from + closely());
    while (i < end) {
      int c = TextStates.IN_STRING[bytes[i] & 0xff];
      if (c >= TextStates.CLASSES) {
        if (c == TextStates.CONTINUATION) {
          i++;
          continue;
        }
        if (c == TextStates.QUOTE) {
          bytesSeen += i - from;
          return i;
        }
        if (c == TextStates.MIXED) {
          c = mixed(i);
        } else {
          c = escaped(i);
          i += i + 1 < bytes.length && bytes[i + 1] == 'u' ? 5 : 1;
          if (c == TextStates.CONTINUATION) {
            i++;
            continue;
          }
        }
      }
      state = TextStates.NEXT[state * TextStates.CLASSES + c];
      visits[state]++;
      i++;
    }
    bytesSeen += i - from;
    return endOfString(i);
  }

  private int mixed(int at) {
    int second = at + 1 < body.length ? body[at + 1] & 0x3f : 0;
    return TextStates.ofCodePoint(0x3000 | second << 6);
  }

  /** Class of the character whose escape begins here; the second half of a pair counts nothing. */
  private int escaped(int at) {
    int kind = at + 1 < body.length ? body[at + 1] : 0;
    return switch (kind) {
      case 'n', 'r' -> TextStates.NEWLINE;
      case 't' -> TextStates.TAB;
      case 'u' -> {
        int c = 0;
        for (int i = at + 2; i < at + 6 && i < body.length; i++) {
          c = c << 4 | Math.max(0, Character.digit(body[i], 16));
        }
        if (Character.isLowSurrogate((char) c)) {
          yield TextStates.CONTINUATION;
        }
        yield Character.isHighSurrogate((char) c) ? TextStates.ASTRAL : TextStates.ofCodePoint(c);
      }
      default -> TextStates.SIGN;
    };
  }

  private int endOfString(int from) {
    int i = from;
    while (i < body.length && body[i] != '"') {
      i += body[i] == '\\' ? 2 : 1;
    }
    return i;
  }

  private boolean number(int at) {
    return at >= 0 && at < body.length && body[at] >= '0' && body[at] <= '9';
  }

  private boolean among(byte[][] names, int from, int to) {
    for (byte[] name : names) {
      if (equal(name, from, to)) {
        return true;
      }
    }
    return false;
  }

  private boolean equal(byte[] name, int from, int to) {
    if (to - from != name.length) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      if (body[from + i] != name[i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[][] ascii(String... names) {
    byte[][] all = new byte[names.length][];
    for (int i = 0; i < names.length; i++) {
      all[i] = names[i].getBytes(StandardCharsets.US_ASCII);
    }
    return all;
  }
}

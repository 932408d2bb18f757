package dev.headrace.router.scan;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.scan.ScannedRequest.StreamOptions;
import dev.headrace.router.scan.ScannedRequest.StreamOptions.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the values of a JSON request mean, told in the order in which they stand. Where a field
 * occurs twice the last one counts, as it does for the workers; {@code model} twice is refused,
 * because whoever reads the first would disagree with whoever reads the last. A field whose value
 * is of another kind than it should be is passed over whole: what stands inside is not the
 * request's.
 *
 * <p>Depths count the brackets around a value: 1 for the fields of the request. What a value is
 * shows its first byte. Confined to one scan.
 */
final class JsonFields {

  /** What is to be done with a string. */
  enum Use {
    SKIP,
    /** To be read as text of the prompt. */
    TEXT,
    /** To be looked up as a {@link Name}. */
    NAME,
    /** To be kept. */
    VALUE
  }

  /** No number, no integer, or one of unusual size. */
  static final long NO_INTEGER = Long.MIN_VALUE;

  final PromptReader text = new PromptReader();

  // The field of the request in hand.
  private Name field = Name.OTHER;
  private byte first;
  private int fieldAt;
  private boolean prompt;

  /** Inside of tools, which a chat template shows to the model as JSON. */
  private boolean tools;

  private boolean empty;

  /** A string that was to be kept. */
  @Nullable String value;

  private boolean includeUsage;
  private @Nullable Span includeUsageAt;

  // The value in it that is in hand.
  private Name inner = Name.OTHER;
  private byte innerFirst;
  private int innerAt;

  private boolean modelSeen;
  private @Nullable String model;
  private @Nullable Span modelAt;
  private boolean stream;
  private StreamOptions streamOptions = StreamOptions.NONE;
  private long maxTokens = -1;
  private long choices = 1;
  private @Nullable String user;
  private @Nullable String priorityWord;
  private int promptBytes;
  private int messages;
  private int tokenIds;
  private int media;

  /** In the order in which engines read them, wherever they stand: tools, system, prompt. */
  private final @Nullable Span[] parts = new Span[3];

  /** The request begins behind this offset. */
  void begin(int at) {
    streamOptions = new StreamOptions(Shape.ABSENT, new Span(at, at), false, false, null);
  }

  /** A name begins in an object at this depth; what is to be done with it. */
  Use beginName(int depth) {
    boolean options = field == Name.STREAM_OPTIONS || field == Name.PARAMETERS;
    return depth == 1 || prompt || (depth == 2 && options) ? Use.NAME : tools ? Use.TEXT : Use.SKIP;
  }

  /** The name in an object at this depth; at depth 0 it is the type of what is beside it. */
  void name(Name name, int depth) {
    if (depth == 1) {
      field = name;
    } else if (depth > 1) {
      inner = name;
    } else {
      media += name.medium() ? 1 : 0;
    }
  }

  /** A byte that stands between names, values and their quotes, or in a word. */
  void between(byte b) {
    if (tools) {
      text.character(b & 0xff, 1);
    }
  }

  /** A value begins with this byte; what is to be done with it if it is a string. */
  Use begin(byte with, int at, int depth) throws BodyRefused {
    if (depth == 1) {
      return field(with, at);
    }
    if (depth == 2) {
      innerFirst = with;
      innerAt = at;
      empty = false;
      tools = field == Name.TOOLS && first == '[';
    }
    return prompt ? prompt(with, depth) : tools ? Use.TEXT : Use.SKIP;
  }

  private Use field(byte with, int at) throws BodyRefused {
    first = with;
    fieldAt = at;
    empty = true;
    inner = Name.OTHER;
    value = null;
    includeUsage = false;
    includeUsageAt = null;
    boolean list = with == '[';
    switch (field) {
      case MODEL -> {
        if (modelSeen) {
          throw new BodyRefused(
              ErrorCode.INVALID_BODY, "The request body names 'model' more than once.", "model");
        }
        modelSeen = true;
        if (with != '"' && with != 'n') {
          throw new BodyRefused(ErrorCode.INVALID_PARAMETER, "'model' must be a string.", "model");
        }
        return Use.VALUE;
      }
      case USER, PRIORITY -> {
        return Use.VALUE;
      }
      case PROMPT, INSTRUCTIONS -> {
        prompt = field == Name.PROMPT || with == '"' || list;
        messages += prompt && !list ? 1 : 0;
        text.begin();
        return Use.TEXT;
      }
      case TOOLS -> {
        text.begin();
        return Use.SKIP;
      }
      default -> {
        return Use.SKIP;
      }
    }
  }

  private Use prompt(byte with, int depth) {
    boolean digits = with == '-' || (with >= '0' && with <= '9');
    boolean ofList = depth == 3 && (innerFirst == '[' || innerFirst == '0');
    if (first == '[' && (depth == 2 || ofList)) {
      if (digits) {
        tokenIds++;
        innerFirst = '0';
      } else if ((with == '"' || with == '{') && innerFirst != '0') {
        messages++;
        innerFirst = with;
      }
    }
    if (with == '{') {
      inner = Name.OTHER;
    }
    if (with == '"') {
      text.begin();
    }
    return inner.text() ? Use.TEXT : inner == Name.TYPE ? Use.NAME : Use.SKIP;
  }

  BodyRefused tooLong(int most) {
    String name = field.name().toLowerCase(Locale.ROOT);
    return new BodyRefused(
        ErrorCode.INVALID_PARAMETER, "'" + name + "' is longer than " + most + " bytes.", name);
  }

  /** The value in hand was in brackets, and these are closed. */
  void closed() {
    if (prompt) {
      inner = Name.OTHER;
    }
  }

  /**
   * A value ended before {@code end}.
   *
   * @param number its value, or {@link #NO_INTEGER}
   */
  void end(long number, int end, int depth) {
    if (depth == 1) {
      field(number, end);
      field = Name.OTHER;
      prompt = false;
    } else if (depth == 2 && field == Name.STREAM_OPTIONS && inner == Name.INCLUDE_USAGE) {
      includeUsage = innerFirst == 't';
      includeUsageAt = new Span(innerAt, end);
    } else if (depth == 2 && field == Name.PARAMETERS && inner == Name.NEW_LIMIT) {
      maxTokens = Math.max(maxTokens, number);
    }
  }

  private void field(long number, int end) {
    switch (field) {
      case MODEL -> {
        model = value == null || value.isEmpty() ? null : value;
        modelAt = value == null ? null : new Span(fieldAt, end);
      }
      case STREAM -> stream = first == 't';
      case STREAM_OPTIONS -> {
        Shape shape = first == '{' ? Shape.OBJECT : first == 'n' ? Shape.NULL : Shape.OTHER;
        Span at = new Span(fieldAt, end);
        streamOptions = new StreamOptions(shape, at, empty, includeUsage, includeUsageAt);
      }
      case LIMIT, NEW_LIMIT -> maxTokens = Math.max(maxTokens, number);
      case CHOICES -> choices = number == NO_INTEGER ? 1 : number;
      case USER -> user = value;
      case PRIORITY -> priorityWord = value;
      case TOOLS -> {
        parts[0] = tools ? new Span(fieldAt, end) : parts[0];
        tools = false;
      }
      case PROMPT -> {
        promptBytes += end - fieldAt;
        parts[2] = new Span(fieldAt, end);
      }
      case INSTRUCTIONS -> parts[1] = prompt ? new Span(fieldAt, end) : parts[1];
      default -> {}
    }
  }

  ScannedRequest result() {
    List<Span> promptAt = new ArrayList<>(parts.length);
    for (Span part : parts) {
      if (part != null && parts[2] != null) {
        promptAt.add(part);
      }
    }
    return new ScannedRequest(
        model,
        modelAt,
        stream,
        streamOptions,
        maxTokens,
        choices,
        user,
        priorityWord,
        promptBytes,
        promptAt,
        null,
        text.text(messages, tokenIds, media));
  }
}

package dev.headrace.router.scan;

import static dev.headrace.router.scan.PromptText.UNREAD;
import static dev.headrace.router.scan.ScannedRequest.StreamOptions.NONE;

import dev.headrace.router.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the fields {@code model} and {@code stream} among the parts of a {@code
 * multipart/form-data} body (RFC 7578; audio) that arrives piece by piece, without decoding it. A
 * boundary counts at the beginning of a line, with nothing but blanks or two hyphens behind it;
 * what else looks like one is content. It keeps no more than the head of one part.
 */
final class MultipartScan implements BodyScan {
  private static final int LONGEST_HEAD = 8192;
  private static final int LONGEST_FIELD = 1024;
  private static final int LONGEST_BOUNDARY = 70;
  private static final String HEAD_END = "\r\n\r\n";
  private static final String DISPOSITION = "content-disposition:";

  // Where the next byte stands.
  private static final int CONTENT = 0;
  private static final int BEHIND_BOUNDARY = 1;
  private static final int HEAD = 2;
  private static final int END = 3;

  /** The line end and the hyphens before the boundary, and itself. */
  private final byte[] delimiter;

  /** The head in hand, or the field that is wanted. */
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

  /** Offset in the body of index 0 of the array in hand. */
  private int shift;

  private int position;
  private int state = CONTENT;

  /** How much of a delimiter, or of the end of a head, was just read: at first, its line end. */
  private int matched = 2;

  /** The first of two bytes that belong behind a boundary, or 0. */
  private byte behind;

  private Name field = Name.OTHER;
  private int begin;
  private int end;
  private @Nullable String model;
  private @Nullable Span modelAt;
  private boolean stream;

  /**
   * @param contentType the request's header, with the boundary
   * @throws BodyRefused when it names no boundary
   */
  MultipartScan(String contentType) throws BodyRefused {
    String boundary = parameter(contentType, "boundary=");
    if (boundary.isEmpty() || boundary.length() > LONGEST_BOUNDARY) {
      throw refused("The Content-Type names no usable multipart boundary.");
    }
    delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void feed(byte[] array, int from, int to) throws BodyRefused {
    shift = position - from;
    int i = from;
    while (i < to) {
      i =
          switch (state) {
            case CONTENT -> content(array, i, to);
            case BEHIND_BOUNDARY -> behindBoundary(array, i);
            case HEAD -> head(array, i, to);
            default -> to;
          };
    }
    position += to - from;
  }

  @Override
  public ScannedRequest end() throws BodyRefused {
    if (state != END) {
      throw refused("The multipart body does not end with its boundary.");
    }
    return new ScannedRequest(
        model, modelAt, stream, NONE, -1, 1, null, null, position, List.of(), null, UNREAD);
  }

  private int content(byte[] array, int from, int to) {
    int i = from;
    while (i < to && matched < delimiter.length) {
      if (array[i] == delimiter[matched]) {
        matched++;
        i++;
      } else if (matched > 0) {
        matched = 0;
      } else {
        i++;
      }
    }
    if (matched == delimiter.length) {
      end = shift + i - matched;
      behind = 0;
      state = BEHIND_BOUNDARY;
    }
    keep(array, from, i);
    return i;
  }

  private int behindBoundary(byte[] array, int i) throws BodyRefused {
    byte b = array[i];
    if (behind == '\r' && b == '\n') {
      endOfField();
      matched = 2;
      state = HEAD;
    } else if (behind == '-' && b == '-') {
      endOfField();
      state = END;
    } else if (behind == 0 && (b == '\r' || b == '-' || b == ' ' || b == '\t')) {
      behind = b == '\r' || b == '-' ? b : 0;
      keep(array, i, i + 1);
    } else {
      matched = 0;
      state = CONTENT;
      return i;
    }
    return i + 1;
  }

  private void keep(byte[] array, int from, int to) {
    if (field != Name.OTHER) {
      kept.write(array, from, Math.min(to - from, LONGEST_FIELD - kept.size()));
    }
  }

  private void endOfField() throws BodyRefused {
    if (field != Name.OTHER) {
      // The line end behind an empty part's head is the one before the boundary.
      int length = Math.max(0, end - begin);
      if (length > LONGEST_FIELD) {
        throw refused("A part of the multipart body is too long for its field.");
      }
      String value = new String(kept.toByteArray(), 0, length, StandardCharsets.UTF_8).trim();
      if (field == Name.STREAM) {
        stream = value.equalsIgnoreCase("true");
      } else if (modelAt == null) {
        modelAt = new Span(begin, begin + length);
        model = value.isEmpty() ? null : value;
      } else {
        throw new BodyRefused(
            ErrorCode.INVALID_BODY, "The request body names 'model' more than once.", "model");
      }
    }
    field = Name.OTHER;
    kept.reset();
  }

  private int head(byte[] array, int from, int to) throws BodyRefused {
    int stop = Math.min(to, from + LONGEST_HEAD - kept.size());
    int i = from;
    while (i < stop && matched < HEAD_END.length()) {
      matched = array[i] == HEAD_END.charAt(matched) ? matched + 1 : array[i] == '\r' ? 1 : 0;
      i++;
    }
    kept.write(array, from, i - from);
    if (matched == HEAD_END.length()) {
      field = field(kept.toString(StandardCharsets.UTF_8));
      kept.reset();
      begin = shift + i;
      matched = 2;
      state = CONTENT;
    } else if (kept.size() == LONGEST_HEAD) {
      throw refused("A part of the multipart body has no end of its header.");
    }
    return i;
  }

  private static Name field(String head) throws BodyRefused {
    String name = "";
    int lineEnd;
    for (int at = 0; at < head.length(); at = lineEnd + 2) {
      lineEnd = head.indexOf("\r\n", at);
      if (head.regionMatches(true, at, DISPOSITION, 0, DISPOSITION.length())) {
        if (!name.isEmpty()) {
          throw refused("A part of the multipart body has two names.");
        }
        name = parameter(head.substring(at, lineEnd), "name=");
      }
    }
    return switch (name) {
      case "model" -> Name.MODEL;
      case "stream" -> Name.STREAM;
      default -> Name.OTHER;
    };
  }

  /**
   * The parameter of a header, without its quotes; empty when it has none. Each stands behind a
   * semicolon (RFC 9110, 5.6.6); those in quotes are text, and so is a quote behind a backslash.
   *
   * @param name in small letters, with the equals sign
   */
  private static String parameter(String header, String name) throws BodyRefused {
    String found = "";
    boolean quoted = false;
    int at = header.length();
    for (int i = 0; i <= header.length(); i++) {
      char c = i < header.length() ? header.charAt(i) : ';';
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ';' && (!quoted || i == header.length())) {
        if (header.regionMatches(true, at, name, 0, name.length())) {
          if (!found.isEmpty()) {
            throw refused("A header has the parameter " + name + " twice.");
          }
          found = header.substring(at + name.length(), i).trim();
        }
        at = i + 1;
      } else if (at == i && (c == ' ' || c == '\t')) {
        at++;
      }
    }
    int last = found.length() - 1;
    boolean quotes = last > 0 && found.charAt(0) == '"' && found.charAt(last) == '"';
    return quotes ? found.substring(1, last) : found;
  }

  private static BodyRefused refused(String message) {
    return new BodyRefused(ErrorCode.INVALID_BODY, message, null);
  }
}

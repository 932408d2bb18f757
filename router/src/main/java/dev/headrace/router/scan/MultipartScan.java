package dev.headrace.router.scan;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.scan.ScannedRequest.Form;
import dev.headrace.router.scan.ScannedRequest.StreamOptions;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the fields {@code model} and {@code stream} among the parts of a {@code
 * multipart/form-data} body (audio) without decoding or re-encoding it. Pure.
 */
final class MultipartScan implements BodyScan {
  private static final Pattern BOUNDARY =
      Pattern.compile(
          ";\\s*boundary=(?:\"([^\"\\r\\n]{1,70})\"|([^\\s;,\"]{1,70}))", Pattern.CASE_INSENSITIVE);
  private static final Pattern NAME =
      Pattern.compile("[;\\s]name=(?:\"([^\"]*)\"|([^\\s;]+))", Pattern.CASE_INSENSITIVE);
  private static final int MAX_PART_HEAD = 8192;
  private static final int MAX_FIELD = 1024;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final byte[] delimiter;
  private byte[] body = new byte[0];
  private @Nullable String model;
  private @Nullable Span modelAt;
  private boolean stream;

  /**
   * @param contentType the request's header, with the boundary
   * @throws BodyRefused when it names no boundary
   */
  MultipartScan(String contentType) throws BodyRefused {
    Matcher matcher = BOUNDARY.matcher(contentType);
    if (!matcher.find()) {
      throw refused("The Content-Type names no usable multipart boundary.");
    }
    String boundary = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    delimiter = ("--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void feed(byte[] array, int from, int to) {
    bytes.write(array, from, to - from);
  }

  @Override
  public ScannedRequest end() throws BodyRefused {
    body = bytes.toByteArray();
    readParts();
    return new ScannedRequest(
        Form.MULTIPART,
        model,
        modelAt,
        stream,
        StreamOptions.ABSENT,
        -1,
        1,
        null,
        null,
        null,
        -1,
        body.length,
        List.of(),
        null,
        false,
        PromptText.UNREAD);
  }

  private void readParts() throws BodyRefused {
    int at = indexOf(delimiter, 0, body.length);
    while (true) {
      if (at < 0) {
        throw refused("The multipart body does not end with its boundary.");
      }
      int afterDelimiter = at + delimiter.length;
      if (startsWith("--", afterDelimiter)) {
        return;
      }
      int headStart = skipLineEnd(afterDelimiter);
      int headEnd = endOfHead(headStart);
      int next = indexOf(delimiter, headEnd, body.length);
      while (next >= 0 && !startsWith("\r\n", next - 2)) {
        next = indexOf(delimiter, next + 1, body.length);
      }
      if (next < 0) {
        throw refused("The multipart body does not end with its boundary.");
      }
      readField(headStart, headEnd, Math.max(headEnd, next - 2));
      at = next;
    }
  }

  private void readField(int headStart, int headEnd, int end) throws BodyRefused {
    String head = text(headStart, headEnd);
    String name = null;
    for (String line : head.split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-disposition:")) {
        Matcher matcher = NAME.matcher(line);
        if (matcher.find()) {
          name = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        }
      }
    }
    if (name == null || !(name.equals("model") || name.equals("stream"))) {
      return;
    }
    if (end - headEnd > MAX_FIELD) {
      throw refused("The part '" + name + "' is too long.");
    }
    String value = text(headEnd, end).trim();
    if (name.equals("stream")) {
      stream = value.equalsIgnoreCase("true");
      return;
    }
    if (modelAt != null) {
      throw new BodyRefused(
          ErrorCode.INVALID_BODY, "The request body names 'model' more than once.", "model");
    }
    modelAt = new Span(headEnd, end);
    model = value.isEmpty() ? null : value;
  }

  private int skipLineEnd(int from) throws BodyRefused {
    int i = from;
    while (i < body.length && (body[i] == ' ' || body[i] == '\t')) {
      i++;
    }
    if (!startsWith("\r\n", i)) {
      throw refused("A multipart boundary is not followed by a line end.");
    }
    return i + 2;
  }

  /** Index of the first content byte of the part whose head starts here. */
  private int endOfHead(int from) throws BodyRefused {
    if (startsWith("\r\n", from)) {
      return from + 2;
    }
    int limit = Math.min(body.length, from + MAX_PART_HEAD);
    int at = indexOf("\r\n\r\n".getBytes(StandardCharsets.US_ASCII), from, limit);
    if (at < 0) {
      throw refused("A part of the multipart body has no end of its header.");
    }
    return at + 4;
  }

  private boolean startsWith(String text, int at) {
    if (at < 0 || at + text.length() > body.length) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (body[at + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private int indexOf(byte[] wanted, int from, int to) {
    byte first = wanted[0];
    int last = to - wanted.length;
    for (int i = from; i <= last; i++) {
      if (body[i] == first) {
        int j = 1;
        while (j < wanted.length && body[i + j] == wanted[j]) {
          j++;
        }
        if (j == wanted.length) {
          return i;
        }
      }
    }
    return -1;
  }

  private String text(int from, int to) {
    return new String(body, from, to - from, StandardCharsets.UTF_8);
  }

  private static BodyRefused refused(String message) {
    return new BodyRefused(ErrorCode.INVALID_BODY, message, null);
  }
}

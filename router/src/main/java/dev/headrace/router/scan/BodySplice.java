package dev.headrace.router.scan;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.headrace.router.scan.ScannedRequest.Form;
import dev.headrace.router.scan.ScannedRequest.StreamOptions;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Edits a scanned body by replacing byte ranges, so that whatever the router does not know travels
 * untouched and a megabyte of prompt is copied once, never parsed again. Pure.
 */
public final class BodySplice {
  private static final byte[] TRUE = ascii("true");
  private static final byte[] OPTIONS_VALUE = ascii("{\"include_usage\":true}");
  private static final byte[] OPTIONS_FIELD = ascii("\"stream_options\":{\"include_usage\":true},");
  private static final byte[] USAGE_FIELD = ascii("\"include_usage\":true");
  private static final byte[] USAGE_FIELD_BEFORE_OTHERS = ascii("\"include_usage\":true,");

  private BodySplice() {}

  /** One replacement. */
  private static final class Edit {
    private final int start;
    private final int end;
    private final byte[] text;

    Edit(int start, int end, byte[] text) {
      this.start = start;
      this.end = end;
      this.text = text;
    }
  }

  /**
   * Applies what the chosen worker needs.
   *
   * @param model the name to send, or null to leave the body's own
   * @param askForUsage makes sure that {@code stream_options.include_usage} is true
   * @return the body itself when nothing had to change
   */
  public static byte[] apply(
      byte[] body, ScannedRequest scan, @Nullable String model, boolean askForUsage) {
    Edit name = model == null ? null : modelEdit(scan, model);
    Edit usage = askForUsage ? usageEdit(body, scan) : null;
    if (name == null) {
      return usage == null ? body : replace(body, usage);
    }
    if (usage == null) {
      return replace(body, name);
    }
    // The later edit first: it does not move the earlier one.
    return name.start < usage.start
        ? replace(replace(body, usage), name)
        : replace(replace(body, name), usage);
  }

  /** True when usage can be asked for and the client did not ask for it. */
  public static boolean canAskForUsage(ScannedRequest scan) {
    StreamOptions options = scan.streamOptions();
    return scan.form() == Form.JSON
        && scan.stream()
        && !options.includeUsage()
        && options.shape() != StreamOptions.Shape.OTHER;
  }

  private static @Nullable Edit modelEdit(ScannedRequest scan, String model) {
    Span at = scan.modelAt();
    if (at == null) {
      return null;
    }
    byte[] text = scan.form() == Form.JSON ? quoted(model) : model.getBytes(StandardCharsets.UTF_8);
    return new Edit(at.start(), at.end(), text);
  }

  private static @Nullable Edit usageEdit(byte[] body, ScannedRequest scan) {
    if (!canAskForUsage(scan)) {
      return null;
    }
    StreamOptions options = scan.streamOptions();
    Span at = options.at();
    if (at == null) {
      int afterBrace = firstBrace(body) + 1;
      return new Edit(afterBrace, afterBrace, OPTIONS_FIELD);
    }
    if (options.shape() == StreamOptions.Shape.NULL) {
      return new Edit(at.start(), at.end(), OPTIONS_VALUE);
    }
    Span value = options.includeUsageAt();
    if (value != null) {
      return new Edit(value.start(), value.end(), TRUE);
    }
    int inside = at.start() + 1;
    return new Edit(inside, inside, options.empty() ? USAGE_FIELD : USAGE_FIELD_BEFORE_OTHERS);
  }

  private static int firstBrace(byte[] body) {
    int i = 0;
    while (body[i] != '{') {
      i++;
    }
    return i;
  }

  private static byte[] replace(byte[] body, Edit edit) {
    byte[] out = new byte[body.length - (edit.end - edit.start) + edit.text.length];
    System.arraycopy(body, 0, out, 0, edit.start);
    System.arraycopy(edit.text, 0, out, edit.start, edit.text.length);
    System.arraycopy(body, edit.end, out, edit.start + edit.text.length, body.length - edit.end);
    return out;
  }

  private static byte[] quoted(String text) {
    byte[] inner = JsonStringEncoder.getInstance().quoteAsUTF8(text);
    byte[] out = new byte[inner.length + 2];
    out[0] = '"';
    System.arraycopy(inner, 0, out, 1, inner.length);
    out[out.length - 1] = '"';
    return out;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

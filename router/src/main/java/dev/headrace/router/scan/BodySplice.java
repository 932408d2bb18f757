package dev.headrace.router.scan;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.headrace.router.scan.ScannedRequest.Form;
import dev.headrace.router.scan.ScannedRequest.StreamOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A scanned body with some byte ranges replaced, so that whatever the router does not know travels
 * untouched and nothing is copied: it is told range by range. Immutable, but its body may only be
 * read by one thread.
 */
public final class BodySplice {
  private static final byte[] TRUE = ascii("true");
  private static final byte[] OPTIONS_VALUE = ascii("{\"include_usage\":true}");
  private static final byte[] OPTIONS_FIELD = ascii("\"stream_options\":{\"include_usage\":true},");
  private static final byte[] USAGE_FIELD = ascii("\"include_usage\":true");
  private static final byte[] USAGE_FIELD_BEFORE_OTHERS = ascii("\"include_usage\":true,");

  /** One replacement. */
  private static final class Edit {
    private final Span at;
    private final byte[] text;

    Edit(Span at, byte[] text) {
      this.at = at;
      this.text = text;
    }
  }

  private final Pieces body;

  /** In the order of their places, which do not overlap. */
  private final List<Edit> edits = new ArrayList<>(2);

  private BodySplice(Pieces body) {
    this.body = body;
  }

  /**
   * The body as the chosen worker needs it.
   *
   * @param model the name to send, or null to leave the body's own
   * @param askForUsage makes sure that {@code stream_options.include_usage} is true
   */
  public static BodySplice of(
      Pieces body, ScannedRequest scan, @Nullable String model, boolean askForUsage) {
    BodySplice splice = new BodySplice(body);
    Span name = scan.modelAt();
    if (model != null && name != null) {
      byte[] text =
          scan.form() == Form.JSON ? quoted(model) : model.getBytes(StandardCharsets.UTF_8);
      splice.edits.add(new Edit(name, text));
    }
    if (askForUsage && canAskForUsage(scan)) {
      splice.edits.add(usageEdit(body, scan.streamOptions()));
    }
    splice.edits.sort(Comparator.comparingInt(edit -> edit.at.start()));
    return splice;
  }

  /** Bytes of it all. */
  public int length() {
    int length = body.length();
    for (Edit edit : edits) {
      length += edit.text.length - edit.at.length();
    }
    return length;
  }

  /** Visits all bytes in order, range by range: those of the body, and those put in. */
  public void forEach(Pieces.Range each) {
    int at = 0;
    for (Edit edit : edits) {
      body.forEach(at, edit.at.start(), each);
      each.take(edit.text, 0, edit.text.length);
      at = edit.at.end();
    }
    body.forEach(at, body.length(), each);
  }

  /** True when usage can be asked for and the client did not ask for it. */
  public static boolean canAskForUsage(ScannedRequest scan) {
    StreamOptions options = scan.streamOptions();
    return scan.form() == Form.JSON
        && scan.stream()
        && !options.includeUsage()
        && options.shape() != StreamOptions.Shape.OTHER;
  }

  private static Edit usageEdit(Pieces body, StreamOptions options) {
    Span at = options.at();
    if (at == null) {
      int afterBrace = firstBrace(body) + 1;
      return new Edit(new Span(afterBrace, afterBrace), OPTIONS_FIELD);
    }
    if (options.shape() == StreamOptions.Shape.NULL) {
      return new Edit(at, OPTIONS_VALUE);
    }
    Span value = options.includeUsageAt();
    if (value != null) {
      return new Edit(value, TRUE);
    }
    int inside = at.start() + 1;
    byte[] field = options.empty() ? USAGE_FIELD : USAGE_FIELD_BEFORE_OTHERS;
    return new Edit(new Span(inside, inside), field);
  }

  private static int firstBrace(Pieces body) {
    int i = 0;
    while (body.copy(i, i + 1)[0] != '{') {
      i++;
    }
    return i;
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

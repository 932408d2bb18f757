package dev.headrace.router.scan;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.headrace.router.scan.ScannedRequest.StreamOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A scanned body with some byte ranges replaced, so that whatever the router does not know travels
 * untouched and nothing is copied: it is told range by range. Immutable, but its body may only be
 * read by one thread.
 */
public final class BodySplice {
  private static final String TRUE = "true";
  private static final String OPTIONS_VALUE = "{\"include_usage\":true}";
  private static final String OPTIONS_FIELD = "\"stream_options\":{\"include_usage\":true},";
  private static final String USAGE_FIELD = "\"include_usage\":true";
  private static final String USAGE_FIELD_BEFORE_OTHERS = "\"include_usage\":true,";

  /** One replacement. */
  private record Edit(Span at, Pieces text) {
    Edit(Span at, String text) {
      this(at, new Pieces(text.length()));
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      this.text.add(bytes, 0, bytes.length);
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
      splice.edits.add(new Edit(name, scan.json() ? quoted(model) : model));
    }
    Span options = scan.streamOptions().at();
    if (askForUsage && options != null && canAskForUsage(scan)) {
      Edit usage = usageEdit(scan.streamOptions(), options);
      boolean last = name != null && name.start() < usage.at.start();
      splice.edits.add(last ? splice.edits.size() : 0, usage);
    }
    return splice;
  }

  /** Bytes of it all. */
  public int length() {
    int length = body.length();
    for (Edit edit : edits) {
      length += edit.text.length() - edit.at.length();
    }
    return length;
  }

  /** Visits all bytes in order, range by range: those of the body, and those put in. */
  public void forEach(Pieces.Range each) {
    int at = 0;
    for (Edit edit : edits) {
      body.forEach(at, edit.at.start(), each);
      edit.text.forEach(0, edit.text.length(), each);
      at = edit.at.end();
    }
    body.forEach(at, body.length(), each);
  }

  /** True when usage can be asked for and the client did not ask for it. */
  public static boolean canAskForUsage(ScannedRequest scan) {
    StreamOptions options = scan.streamOptions();
    return scan.json()
        && scan.stream()
        && !options.includeUsage()
        && options.shape() != StreamOptions.Shape.OTHER;
  }

  private static Edit usageEdit(StreamOptions options, Span at) {
    Span value = options.includeUsageAt();
    if (value != null) {
      return new Edit(value, TRUE);
    }
    Span inside = new Span(at.start() + 1, at.start() + 1);
    return switch (options.shape()) {
      case ABSENT -> new Edit(at, OPTIONS_FIELD);
      case NULL -> new Edit(at, OPTIONS_VALUE);
      default -> new Edit(inside, options.empty() ? USAGE_FIELD : USAGE_FIELD_BEFORE_OTHERS);
    };
  }

  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }
}

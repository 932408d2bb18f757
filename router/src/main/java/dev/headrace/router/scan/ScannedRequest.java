package dev.headrace.router.scan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over a request body found. Counts that the body does not tell are -1.
 *
 * @param model the model name, or null when the body names none
 * @param modelAt where the model's value stands, quotes included in JSON
 * @param stream the client asked for a token stream
 * @param streamOptions where {@code stream_options} stands among the bytes
 * @param maxTokens the largest number of output tokens that the client allows
 * @param choices {@code n}, 1 when absent
 * @param user the client's own end-user id
 * @param priorityWord {@code priority} where it is a text
 * @param promptBytes bytes of JSON that hold the prompt
 * @param promptAt where the parts of the prompt stand, in the order in which an engine reads them
 * @param prefix what the prompt begins with, where the model's policy asks for it; else null
 * @param text what the prompt consists of, instructions and tools included
 */
public record ScannedRequest(
    @Nullable String model,
    @Nullable Span modelAt,
    boolean stream,
    StreamOptions streamOptions,
    long maxTokens,
    long choices,
    @Nullable String user,
    @Nullable String priorityWord,
    int promptBytes,
    List<Span> promptAt,
    @Nullable Prefix prefix,
    PromptText text) {

  public ScannedRequest {
    promptAt = List.copyOf(promptAt);
  }

  /** The same with what its prompt begins with. */
  public ScannedRequest with(Prefix beginning) {
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
        beginning,
        text);
  }

  /** True for a JSON body, false for a form; they are spliced in another way. */
  boolean json() {
    return streamOptions.at() != null;
  }

  /**
   * Where and what {@code stream_options} is.
   *
   * @param shape what stands there
   * @param at the value's bytes; when absent, the place behind the brace where it may be put, or
   *     null in a form
   * @param empty an object without fields
   * @param includeUsage the client asked for usage
   * @param includeUsageAt bytes of the value of {@code include_usage}; null when absent
   */
  public record StreamOptions(
      Shape shape,
      @Nullable Span at,
      boolean empty,
      boolean includeUsage,
      @Nullable Span includeUsageAt) {

    /** What kind of value it is. */
    public enum Shape {
      ABSENT,
      NULL,
      OBJECT,
      /** Not an object: left alone, the worker will refuse it. */
      OTHER
    }

    /** What a form has. */
    static final StreamOptions NONE = new StreamOptions(Shape.ABSENT, null, false, false, null);
  }
}

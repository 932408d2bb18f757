package dev.headrace.router.scan;

import org.jspecify.annotations.Nullable;

/**
 * What one pass over a request body found. Counts that the body does not tell are -1.
 *
 * @param form how the body is encoded, and so how it is spliced
 * @param model the model name, or null when the body names none
 * @param modelAt where the model's value stands, quotes included in JSON
 * @param stream the client asked for a token stream
 * @param streamOptions where {@code stream_options} stands among the bytes
 * @param maxTokens the largest number of output tokens that the client allows
 * @param choices {@code n}, 1 when absent
 * @param user the client's own end-user id
 * @param priority as the client wrote it; its direction is the engine's matter
 * @param priorityWord {@code priority} where it is a text
 * @param messages number of messages, or of inputs where the endpoint takes a list
 * @param promptBytes bytes of JSON that hold the prompt
 * @param prefixHash hash of the first bytes of the prompt; 0 when there is none
 * @param tools the request offers tools
 * @param text what the prompt consists of, instructions and tools included
 */
public record ScannedRequest(
    Form form,
    @Nullable String model,
    @Nullable Span modelAt,
    boolean stream,
    StreamOptions streamOptions,
    long maxTokens,
    long choices,
    @Nullable String user,
    @Nullable Long priority,
    @Nullable String priorityWord,
    int messages,
    int promptBytes,
    long prefixHash,
    boolean tools,
    PromptText text) {

  /** Encoding of the body. */
  public enum Form {
    JSON,
    MULTIPART
  }

  /**
   * Where and what {@code stream_options} is.
   *
   * @param shape what stands there
   * @param at the value's bytes; null when absent
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

    public static final StreamOptions ABSENT =
        new StreamOptions(Shape.ABSENT, null, false, false, null);
  }
}

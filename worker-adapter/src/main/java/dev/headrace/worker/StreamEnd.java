package dev.headrace.worker;

/**
 * The mark by which a stream proves that it is whole. A stream that ends without it was truncated.
 */
public enum StreamEnd {
  /** A frame whose data is {@code [DONE]}. */
  DONE_MARK,
  /** An Anthropic {@code message_stop} event. */
  MESSAGE_STOP,
  /** A {@code response.completed}, {@code response.incomplete} or {@code response.failed} event. */
  RESPONSE_TERMINAL,
  /** A TGI frame whose {@code generated_text} is not null. */
  GENERATED_TEXT,
  /** The end of the HTTP body itself (audio, images, JSON). */
  BODY_END
}

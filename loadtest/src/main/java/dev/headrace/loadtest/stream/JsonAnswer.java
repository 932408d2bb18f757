package dev.headrace.loadtest.stream;

import org.jspecify.annotations.Nullable;

/**
 * What a whole JSON answer said. Pure.
 *
 * @param readable whether it was one JSON object
 * @param error its error message, if it is one
 */
public record JsonAnswer(boolean readable, @Nullable TokenUsage usage, @Nullable String error) {
  public static JsonAnswer read(byte[] body) {
    AnswerScan scan = new AnswerScan();
    boolean readable = scan.scan(body, body.length);
    return new JsonAnswer(readable, scan.usage(), scan.error());
  }
}

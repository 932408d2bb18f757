package dev.headrace.app.demo;

import org.jspecify.annotations.Nullable;

/**
 * What came of one streamed question.
 *
 * @param worker the router's opaque name of the worker that answered, or null
 * @param firstTokenNanos from the request to the first text
 * @param totalNanos from the request to the end
 * @param pieces pieces of text
 * @param failure null when the stream was whole, else what was wrong with it
 */
record DemoAnswer(
    @Nullable String worker,
    long firstTokenNanos,
    long totalNanos,
    int pieces,
    @Nullable String failure) {
  boolean whole() {
    return failure == null;
  }
}

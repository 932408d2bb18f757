package dev.headrace.router.scan;

/** A range of bytes of a request body: {@code start} included, {@code end} not. */
public record Span(int start, int end) {
  public int length() {
    return end - start;
  }
}

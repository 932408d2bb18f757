package dev.headrace.loadtest.stream;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one answer said and when, read from its bytes as they come: first event, first content, gaps
 * between contents, usage, how it ended. Times are those that the caller passes in, so the class is
 * pure; cutting the same bytes differently changes times at most, never what was found.
 *
 * <p>A stream is complete when it ended with {@code [DONE]} or showed a finish reason, without an
 * error event. Anything else is a failure, however politely the connection closed. Confined to one
 * thread.
 */
public final class StreamReading {
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

  /** Takes the time between two contents. */
  @FunctionalInterface
  public interface GapSink {
    void gap(long nanos);
  }

  /** How a stream ended. */
  public enum Ending {
    /** All of it came. */
    COMPLETE,
    /** It carried an error event. */
    ERROR_EVENT,
    /** It stopped without finish reason and {@code [DONE]}. */
    TRUNCATED,
    /** An event was no JSON object, or larger than any honest one. */
    MALFORMED
  }

  private final GapSink gaps;
  private final AnswerScan scan = new AnswerScan();
  private final FrameSplitter splitter = new FrameSplitter(this::event);
  private long now;
  private long events;
  private long contents;
  private long firstEvent;
  private long firstContent;
  private long firstVisible;
  private long lastContent;
  private long doneAt;
  private long longestGap;
  private boolean anyVisible;
  private boolean done;
  private boolean finished;
  private boolean malformed;
  private @Nullable String error;
  private @Nullable TokenUsage usage;

  public StreamReading(GapSink gaps) {
    this.gaps = gaps;
  }

  /** Bytes {@code from} (inclusive) to {@code to} (exclusive) arrived at {@code nanos}. */
  public void read(byte[] bytes, int from, int to, long nanos) {
    now = nanos;
    splitter.read(bytes, from, to);
  }

  /** The body ended at {@code nanos}. */
  public void end(long nanos) {
    now = nanos;
    splitter.end();
  }

  public Ending ending() {
    if (error != null) {
      return Ending.ERROR_EVENT;
    }
    if (malformed || splitter.tooLarge()) {
      return Ending.MALFORMED;
    }
    return done || finished ? Ending.COMPLETE : Ending.TRUNCATED;
  }

  /** Whether {@code [DONE]} came. A stream may be complete without it. */
  public boolean done() {
    return done;
  }

  /** When {@code [DONE]} came; only if {@link #done()}. */
  public long doneAt() {
    return doneAt;
  }

  /** Events, those without content included, {@code [DONE]} not. */
  public long events() {
    return events;
  }

  /** When the first event came; only if {@link #events()} is not 0. */
  public long firstEventAt() {
    return firstEvent;
  }

  /** Events with content: text, reasoning or a tool call. */
  public long contents() {
    return contents;
  }

  /** When the first content came; only if {@link #contents()} is not 0. */
  public long firstContentAt() {
    return firstContent;
  }

  /** When the last content came; only if {@link #contents()} is not 0. */
  public long lastContentAt() {
    return lastContent;
  }

  /** Whether text came that a user sees, not only reasoning or tool calls. */
  public boolean anyVisible() {
    return anyVisible;
  }

  /** When the first such text came; only if {@link #anyVisible()}. */
  public long firstVisibleAt() {
    return firstVisible;
  }

  /** The longest time between two contents; 0 with fewer than two. */
  public long longestGap() {
    return longestGap;
  }

  /** The message of the first error event. */
  public @Nullable String error() {
    return error;
  }

  public @Nullable TokenUsage usage() {
    return usage;
  }

  private void event(@Nullable String name, byte[] data, int length) {
    if (done) {
      return;
    }
    if (Arrays.equals(data, 0, length, DONE, 0, DONE.length)) {
      done = true;
      doneAt = now;
      return;
    }
    if (events++ == 0) {
      firstEvent = now;
    }
    if (!scan.scan(data, length)) {
      if ("error".equals(name)) {
        fail(new String(data, 0, length, StandardCharsets.UTF_8));
      } else {
        malformed = true;
      }
      return;
    }
    String message = scan.error();
    if (message != null || "error".equals(name)) {
      fail(message == null ? "error event without a message" : message);
      return;
    }
    if (scan.content()) {
      content();
    }
    finished |= scan.finished();
    TokenUsage counted = scan.usage();
    if (counted != null) {
      usage = counted;
    }
  }

  private void fail(String message) {
    if (error == null) {
      error = message;
    }
  }

  private void content() {
    if (contents++ == 0) {
      firstContent = now;
    } else {
      long gap = now - lastContent;
      longestGap = Math.max(longestGap, gap);
      gaps.gap(gap);
    }
    lastContent = now;
    if (!anyVisible && scan.visible()) {
      anyVisible = true;
      firstVisible = now;
    }
  }
}

package dev.headrace.loadtest.result;

import java.util.Locale;

/**
 * The times that a run records, of completed requests unless said otherwise. {@code t0} is the
 * intended start, {@code t1} when the generator handed the request to its HTTP client. What starts
 * at {@code t0} holds the wait that a slow target causes; what starts at {@code t1} hides it.
 */
public enum Metric {
  /** t0 to the first content (text, reasoning or tool call). */
  TTFT("to the first token, from the intended start"),
  /** t1 to the first content. */
  TTFT_SENT("to the first token, from the send"),
  /** t1 to the head of the answer. */
  TTFB("to the answer's head, from the send"),
  /** (last content - first content) / (output tokens - 1), with at least 2 tokens. */
  TPOT("mean per output token after the first"),
  /**
   * Between contents as they arrived, pooled over all streams; those of streams that failed later
   * too.
   */
  CHUNK_GAP("between chunks with content (ITL), pooled"),
  /** The longest such gap of each stream. */
  LONGEST_GAP("longest gap of each stream"),
  /** t0 to the end of the answer ({@code [DONE]} or the last byte). */
  E2E("whole request, from the intended start"),
  /** t1 to the end of the answer. */
  E2E_SENT("whole request, from the send"),
  /** t0 to t1, of every measured request that was sent. */
  DISPATCH_DELAY("intended start to send"),
  /** t0 to t1, of those that did not wait for a free place: the generator's own lateness. */
  PACING_DELAY("the generator's own lateness"),
  /** t1 to a connection, of every measured request that got one. */
  CONNECT("send to a connection"),
  /** Lateness of a 10 ms tick on the generator's event loops. */
  LOOP_LAG("lateness of the generator's event loops"),
  /** t1 to the failure, of those that failed. */
  TIME_TO_FAILURE("send to failure");

  private final String meaning;

  Metric(String meaning) {
    this.meaning = meaning;
  }

  /** The name in tables and results. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public String meaning() {
    return meaning;
  }
}

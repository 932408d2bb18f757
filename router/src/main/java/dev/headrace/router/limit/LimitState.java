package dev.headrace.router.limit;

import dev.headrace.router.admission.Priority;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a key may use and has used, at one moment.
 *
 * @param key its name; empty: no key is asked for
 * @param priority class of its requests, or null: no rule
 * @param requests per minute, or null: no such limit
 * @param tokens per minute, or null: no such limit
 * @param reservedTokens expected tokens of its requests that are under way
 * @param concurrency requests at the same time; 0: no such limit
 * @param inFlight its requests that are under way
 * @param refusals requests that were refused since the start, by kind
 */
public record LimitState(
    String key,
    @Nullable Priority priority,
    @Nullable Window requests,
    @Nullable Window tokens,
    long reservedTokens,
    long concurrency,
    int inFlight,
    Map<LimitKind, Long> refusals) {
  public LimitState {
    refusals = Map.copyOf(refusals);
  }

  /**
   * A limit per minute.
   *
   * @param remaining whole units that are left
   * @param resetNanos time until all are there again
   */
  public record Window(long limit, long remaining, long resetNanos) {

    /** The same in milliseconds, rounded up. */
    public long resetMillis() {
      return (resetNanos + 999_999) / 1_000_000;
    }
  }
}

package dev.headrace.router.limit;

/**
 * Why a request may not pass now.
 *
 * @param key name of the API key; empty: none is asked for
 * @param limit of the kind
 * @param remaining what was left of it
 * @param requested what the request would have taken
 * @param waitNanos after which it may pass if nobody else takes what it needs
 */
public record LimitRefusal(
    LimitKind kind, String key, long limit, long remaining, long requested, long waitNanos) {

  /** The wait in milliseconds, rounded up, at least 1. */
  public long waitMillis() {
    return Math.max(1, (waitNanos + 999_999) / 1_000_000);
  }

  /** For the person who reads the error. */
  public String message() {
    String whose = key.isEmpty() ? "" : " for the API key '" + key + "'";
    String what =
        switch (kind) {
          case REQUESTS -> limit + " requests per minute" + whose + ".";
          case CONCURRENCY -> limit + " requests at the same time" + whose + ".";
          case TOKENS ->
              limit
                  + " tokens per minute"
                  + whose
                  + (requested > limit
                      ? "; this request is expected to use "
                          + requested
                          + ", and so waits until none of them is in use."
                      : "; "
                          + remaining
                          + " are left, and this request is expected to use "
                          + requested
                          + ".");
        };
    return "Rate limit reached: " + what + " Try again in " + ResetTime.text(waitMillis()) + ".";
  }
}

package dev.headrace.router.sse;

/**
 * Tokens as the worker counted them; -1 where it did not tell.
 *
 * @param prompt input tokens
 * @param completion output tokens
 * @param cached input tokens that came from the worker's prefix cache
 */
public record TokenUsage(long prompt, long completion, long cached) {
  public static final TokenUsage UNKNOWN = new TokenUsage(-1, -1, -1);

  /** What {@code later} knows, else what this knows: some dialects tell it in two events. */
  public TokenUsage updatedBy(TokenUsage later) {
    return new TokenUsage(
        later.prompt >= 0 ? later.prompt : prompt,
        later.completion >= 0 ? later.completion : completion,
        later.cached >= 0 ? later.cached : cached);
  }
}

package dev.headrace.router.balance;

import dev.headrace.router.scan.Prefix;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a request when a worker is chosen for it.
 *
 * @param promptTokens estimated prompt tokens, at least 1
 * @param outputTokens expected output tokens, at least 1
 * @param affinity what it has in common with others, see {@link Affinity}; {@link Affinity#NONE}:
 *     nothing
 * @param prefix the prompt's beginning, for policies that look at it; else null
 */
public record Demand(
    double promptTokens, double outputTokens, long affinity, @Nullable Prefix prefix) {

  /** Nothing is known: a typical chat request. */
  public static final Demand TYPICAL = new Demand(256, 256);

  public Demand {
    if (!(promptTokens >= 1) || !(outputTokens >= 1)) {
      throw new IllegalArgumentException("a demand has at least one token each way");
    }
  }

  /** A request that belongs to no other. */
  public Demand(double promptTokens, double outputTokens) {
    this(promptTokens, outputTokens, Affinity.NONE, null);
  }

  /** The same request, bound to others by a key. */
  public Demand with(long key) {
    return key == affinity ? this : new Demand(promptTokens, outputTokens, key, prefix);
  }

  /** The same request, with what its prompt begins with. */
  public Demand with(@Nullable Prefix beginning) {
    return beginning == prefix ? this : new Demand(promptTokens, outputTokens, affinity, beginning);
  }
}

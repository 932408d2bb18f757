package dev.headrace.router.limit;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.config.HeadraceConfig.KeyLimits;
import org.jspecify.annotations.Nullable;

/**
 * What one key may use.
 *
 * @param requestsPerMinute 0: no such limit
 * @param tokensPerMinute prompt and output; 0: no such limit
 * @param concurrency requests at the same time; 0: no such limit
 * @param priority class of its requests that name none, and the highest that they may have; null:
 *     no rule
 */
public record Allowance(
    long requestsPerMinute, long tokensPerMinute, long concurrency, @Nullable Priority priority) {

  /** No limit and no rule. */
  public static final Allowance NONE = new Allowance(0, 0, 0, null);

  /** What {@code own} tells, else what {@code otherwise} tells, else nothing. */
  static Allowance of(KeyLimits own, KeyLimits otherwise) {
    return new Allowance(
        told(own.requestsPerMinute(), otherwise.requestsPerMinute()),
        told(own.tokensPerMinute(), otherwise.tokensPerMinute()),
        told(own.concurrency(), otherwise.concurrency()),
        own.priority() == null ? otherwise.priority() : own.priority());
  }

  private static long told(@Nullable Long own, @Nullable Long otherwise) {
    Long first = own == null ? otherwise : own;
    return first == null ? 0 : first;
  }

  boolean isNone() {
    return equals(NONE);
  }
}

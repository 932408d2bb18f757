package dev.headrace.router.config;

import dev.headrace.router.admission.Order;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one model sets of {@link HeadraceConfig.Admission}. Null leaves a setting as it is.
 *
 * @param maxQueue requests that may wait, at least 0
 * @param maxWait how long each may, within {@link #SHORTEST_WAIT} and {@link #LONGEST_WAIT}
 */
public record AdmissionOverrides(
    @Nullable Integer maxQueue, @Nullable Duration maxWait, @Nullable Order order) {

  /** The bounds of these settings, wherever they come from. */
  public static final int LONGEST_QUEUE = 1_000_000;

  public static final Duration SHORTEST_WAIT = Duration.ofMillis(1);
  public static final Duration LONGEST_WAIT = Duration.ofHours(1);

  /** Sets nothing. */
  public static final AdmissionOverrides NONE = new AdmissionOverrides(null, null, null);

  /** These settings over others. */
  public HeadraceConfig.Admission over(HeadraceConfig.Admission base) {
    return new HeadraceConfig.Admission(
        maxQueue == null ? base.maxQueue() : maxQueue,
        maxWait == null ? base.maxWait() : maxWait,
        order == null ? base.order() : order);
  }
}

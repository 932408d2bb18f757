package dev.headrace.router.observe;

import dev.headrace.router.limit.LimitKind;
import dev.headrace.router.limit.Tenant;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Meters of the limits of API keys, read from their accounts on the scraping thread. The first
 * {@value #NAMED} keys have meters of their own, all others share those of {@link #OTHERS}. Any
 * thread.
 */
public final class LimitMeters {
  static final int NAMED = 200;

  /** The label of clients without a key, where none is asked for. */
  static final String ANYONE = "anonymous";

  /** The label of the keys that came too late for one of their own. */
  static final String OTHERS = "other";

  private final MeterRegistry registry;
  private final AtomicInteger named = new AtomicInteger();
  private final List<Tenant> others = new CopyOnWriteArrayList<>();

  public LimitMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Shows a key's account from now on. */
  public void watch(Tenant tenant) {
    if (named.incrementAndGet() <= NAMED) {
      register(tenant.key().isEmpty() ? ANYONE : tenant.key(), List.of(tenant));
    } else {
      others.add(tenant);
      if (others.get(0) == tenant) {
        register(OTHERS, others);
      }
    }
  }

  private void register(String key, List<Tenant> tenants) {
    for (LimitKind kind : LimitKind.values()) {
      Tags tags = Tags.of("key", key, "limit", kind.label());
      FunctionCounter.builder(
              "headrace.limit.refusals",
              tenants,
              all -> (double) all.stream().mapToLong(tenant -> tenant.refusals(kind)).sum())
          .description("Requests refused because their key's limit was reached")
          .tags(tags)
          .register(registry);
      Gauge.builder(
              "headrace.limit.used.ratio",
              tenants,
              all -> all.stream().mapToDouble(tenant -> tenant.inUse(kind)).max().orElse(0))
          .description("Share of a key's limit that is in use, of the fullest where they share")
          .tags(tags)
          .strongReference(true)
          .register(registry);
    }
  }
}

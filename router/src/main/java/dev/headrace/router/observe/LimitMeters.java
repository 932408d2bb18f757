package dev.headrace.router.observe;

import dev.headrace.router.limit.LimitKind;
import dev.headrace.router.limit.Tenant;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Meters of the limits of API keys, read from their accounts on the scraping thread. {@value
 * #NAMED} keys have meters of their own, all others share those of {@link #OTHERS}. Any thread.
 */
public final class LimitMeters {
  static final int NAMED = 200;

  /** The label of clients without a key, where none is asked for. */
  static final String ANYONE = "anonymous";

  /** The label of the keys that came too late for one of their own. */
  static final String OTHERS = "other";

  private final MeterRegistry registry;
  private final Map<Tenant, List<Meter>> named = new HashMap<>();
  private final List<Tenant> others = new CopyOnWriteArrayList<>();

  /** What others were refused who are no more, by kind: a count never falls. */
  private final Map<LimitKind, Long> goneRefusals = new ConcurrentHashMap<>();

  public LimitMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Shows a key's account from now on. */
  public synchronized void watch(Tenant tenant) {
    if (named.size() < NAMED) {
      String key = tenant.key().isEmpty() ? ANYONE : tenant.key();
      named.put(tenant, register(key, List.of(tenant), Map.of()));
    } else {
      others.add(tenant);
      register(OTHERS, others, goneRefusals); // once: what is registered already stays
    }
  }

  /** The key is no more. */
  public synchronized void forget(Tenant tenant) {
    List<Meter> own = named.remove(tenant);
    if (own != null) {
      own.forEach(registry::remove);
    } else if (others.remove(tenant)) {
      for (LimitKind kind : LimitKind.values()) {
        goneRefusals.merge(kind, tenant.refusals(kind), Long::sum);
      }
    }
  }

  private List<Meter> register(String key, List<Tenant> tenants, Map<LimitKind, Long> gone) {
    List<Meter> meters = new ArrayList<>();
    for (LimitKind kind : LimitKind.values()) {
      Tags tags = Tags.of("key", key, "limit", kind.label());
      meters.add(
          FunctionCounter.builder(
                  "headrace.limit.refusals",
                  tenants,
                  all ->
                      (double) gone.getOrDefault(kind, 0L)
                          + all.stream().mapToLong(tenant -> tenant.refusals(kind)).sum())
              .description("Requests refused because their key's limit was reached")
              .tags(tags)
              .register(registry));
      meters.add(
          Gauge.builder(
                  "headrace.limit.used.ratio",
                  tenants,
                  all -> all.stream().mapToDouble(tenant -> tenant.inUse(kind)).max().orElse(0))
              .description("Share of a key's limit that is in use, of the fullest where they share")
              .tags(tags)
              .strongReference(true)
              .register(registry));
    }
    return meters;
  }
}

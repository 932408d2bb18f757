package dev.headrace.router.limit;

import dev.headrace.router.config.HeadraceConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of all keys that have limits. A key named in the settings has an account from then
 * on, others get one with their first request when there is a default. Bounded by {@link
 * #keepOnly}. Any thread; finding an account takes no lock.
 */
public final class RateLimits {
  /** Whoever comes without a key, where none is asked for. */
  private static final String ANYONE = "";

  /** What the settings say, resolved. */
  private record Terms(Map<String, Allowance> byKey, Allowance otherwise) {
    Allowance of(String key) {
      return byKey.getOrDefault(key, otherwise);
    }

    boolean none() {
      return byKey.isEmpty() && otherwise.isNone();
    }
  }

  private final LongSupplier clock;
  private final Consumer<Tenant> opened;
  private final Map<String, Tenant> tenants = new ConcurrentHashMap<>();
  private volatile Terms terms = new Terms(Map.of(), Allowance.NONE);

  /**
   * @param clock monotonic nanoseconds
   * @param opened is told of each new account, once
   */
  public RateLimits(LongSupplier clock, Consumer<Tenant> opened) {
    this.clock = clock;
    this.opened = opened;
  }

  /** These settings hold from now on; what is in use stays in use. */
  public synchronized void apply(HeadraceConfig.RateLimits settings) {
    Map<String, Allowance> byKey = new HashMap<>();
    settings.keys().forEach((key, own) -> byKey.put(key, Allowance.of(own, settings.otherwise())));
    terms = new Terms(byKey, Allowance.of(settings.otherwise(), settings.otherwise()));
    tenants.forEach((key, tenant) -> tenant.allow(terms.of(key)));
    byKey.keySet().forEach(this::open);
  }

  /**
   * The account of a key.
   *
   * @param key its name; null: none is asked for
   * @return null when nothing is limited for it
   */
  public @Nullable Tenant of(@Nullable String key) {
    Terms now = terms;
    if (now.none()) {
      return null;
    }
    String name = key == null ? ANYONE : key;
    Tenant known = tenants.get(name);
    Tenant tenant = known == null && !now.of(name).isNone() ? open(name) : known;
    return tenant == null || !tenant.limited() ? null : tenant;
  }

  /** Rare, and in one line with {@link #apply}, so that no account begins with old settings. */
  private synchronized Tenant open(String name) {
    Tenant known = tenants.get(name);
    if (known != null) {
      return known;
    }
    Tenant made = new Tenant(name, terms.of(name), clock);
    tenants.put(name, made);
    opened.accept(made);
    return made;
  }

  /**
   * Closes the accounts of other keys, once nothing is under way for them. Those that the settings
   * name stay.
   *
   * @param closed is told of each
   */
  public synchronized void keepOnly(Set<String> keys, Consumer<Tenant> closed) {
    tenants
        .values()
        .removeIf(
            tenant -> {
              String key = tenant.key();
              boolean named = key.equals(ANYONE) || terms.byKey().containsKey(key);
              boolean gone = !named && !keys.contains(key) && tenant.isIdle();
              if (gone) {
                closed.accept(tenant);
              }
              return gone;
            });
  }

  /** Names that the settings have entries for, sorted. */
  public Set<String> named() {
    return new TreeSet<>(terms.byKey().keySet());
  }

  /** The accounts of keys that have limits now, by name. */
  public List<LimitState> states() {
    List<LimitState> states = new ArrayList<>();
    new TreeMap<>(tenants)
        .values().stream().filter(Tenant::limited).forEach(tenant -> states.add(tenant.state()));
    return states;
  }
}

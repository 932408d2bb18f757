package dev.headrace.router.balance;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The policies by the names that configuration uses. */
public final class Policies {
  private record Entry(String name, Supplier<Policy> maker) {}

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry("least-load", LeastLoadPolicy::new),
          new Entry("least-requests", LeastRequestsPolicy::new),
          new Entry("power-of-two", PowerOfTwoPolicy::new),
          new Entry("peak-ewma", PeakEwmaPolicy::new),
          new Entry("round-robin", RoundRobinPolicy::new),
          new Entry("weighted", WeightedPolicy::new),
          new Entry("random", RandomPolicy::new),
          new Entry("session", SessionPolicy::new),
          new Entry(PrefixPolicy.NAME, PrefixPolicy::new));

  private static final Map<String, Supplier<Policy>> BY_NAME =
      ENTRIES.stream().collect(Collectors.toUnmodifiableMap(Entry::name, Entry::maker));

  /** What a model uses that names no policy. */
  public static final String DEFAULT = "least-load";

  private Policies() {}

  /** All names, the default first. */
  public static List<String> names() {
    return ENTRIES.stream().map(Entry::name).toList();
  }

  /** True when a policy looks at {@link Demand#prefix}; for others nobody need compute it. */
  public static boolean readsPrefix(String name) {
    return name.equals(PrefixPolicy.NAME);
  }

  /**
   * A policy of its own for one pool, since some keep a position in it.
   *
   * @param name one of {@link #names()}
   */
  public static Policy of(String name) {
    Supplier<Policy> maker = BY_NAME.get(name);
    if (maker == null) {
      throw new IllegalArgumentException("no policy is named '" + name + "'");
    }
    return maker.get();
  }
}

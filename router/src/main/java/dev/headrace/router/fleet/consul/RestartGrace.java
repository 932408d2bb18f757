package dev.headrace.router.fleet.consul;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps workers that vanished because Consul forgot, not because they left. Pure; confined to one
 * context.
 *
 * <p>When an answer's index went backwards, Consul was restored or came back empty, and its list is
 * short until every agent has registered again. For {@code graceNanos} from then on, an instance
 * that was known before and is missing now stays as it was. The router's own health checks still
 * take a dead one out. An instance that has come back is Consul's again: it may leave at once.
 */
final class RestartGrace {
  private final long graceNanos;
  private final Map<String, Instance> missing = new LinkedHashMap<>();
  private List<Instance> before = List.of();
  private long until;

  RestartGrace(long graceNanos) {
    this.graceNanos = graceNanos;
  }

  /** Takes what an earlier process knew as known before. */
  void known(List<Instance> instances) {
    before = List.copyOf(instances);
  }

  /** The list to use for an answered one. */
  List<Instance> apply(List<Instance> answered, boolean restarted, long now) {
    if (restarted) {
      until = now + graceNanos;
      before.forEach(instance -> missing.put(instance.key(), instance));
    } else if (!missing.isEmpty() && now - until >= 0) {
      missing.clear();
    }
    before = answered;
    if (missing.isEmpty()) {
      return answered;
    }
    Set<String> there = new HashSet<>();
    answered.forEach(instance -> there.add(instance.key()));
    missing.keySet().removeAll(there);
    List<Instance> all = new ArrayList<>(answered);
    all.addAll(missing.values());
    return all;
  }

  /** Nanoseconds until workers that did not come back have to go; 0 when there are none. */
  long remaining(long now) {
    return missing.isEmpty() ? 0 : Math.max(1, until - now);
  }
}

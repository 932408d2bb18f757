package dev.headrace.loadtest.perf;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How {@link ProxyCost} runs.
 *
 * @param markdown where the report goes; null: to the console alone
 * @param command what a reader types to repeat it
 */
record ProxyCostOptions(
    ProxyPrograms programs,
    List<Proxy> proxies,
    int rounds,
    double leadSeconds,
    double windowSeconds,
    double warmUpSeconds,
    int proxyCore,
    int loadCore,
    @Nullable Path markdown,
    @Nullable Path json,
    String command) {

  /** Reads {@code --name value} pairs and {@code --quick}. */
  static ProxyCostOptions parse(String[] args) {
    Map<String, String> given = new HashMap<>();
    boolean quick = false;
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--quick")) {
        quick = true;
      } else if (args[i].startsWith("--") && i + 1 < args.length) {
        given.put(args[i].substring(2), args[++i]);
      } else {
        throw new IllegalArgumentException("unknown argument " + args[i]);
      }
    }
    List<Proxy> proxies = new ArrayList<>();
    for (Proxy proxy : Proxy.values()) {
      if (given.containsKey(proxy.title().toLowerCase(java.util.Locale.ROOT))) {
        proxies.add(proxy);
      }
    }
    String markdown = given.get("markdown");
    String json = given.get("json");
    return new ProxyCostOptions(
        new ProxyPrograms(
            given.getOrDefault("nginx", ""),
            given.getOrDefault("haproxy", ""),
            given.getOrDefault("headrace", "")),
        List.copyOf(proxies),
        quick ? 1 : 3,
        quick ? 0.5 : 1,
        quick ? 1 : 4,
        quick ? 1.5 : 6,
        Integer.parseInt(given.getOrDefault("proxy-core", "0")),
        Integer.parseInt(given.getOrDefault("load-core", "1")),
        markdown == null ? null : Path.of(markdown),
        json == null ? null : Path.of(json),
        quick ? "loadtest/perf/proxy-cost --quick" : "loadtest/perf/proxy-cost");
  }
}

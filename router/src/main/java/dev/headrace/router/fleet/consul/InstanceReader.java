package dev.headrace.router.fleet.consul;

import dev.headrace.router.fleet.WorkerSpec;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.engine.Engines;
import io.vertx.ext.consul.Check;
import io.vertx.ext.consul.CheckStatus;
import io.vertx.ext.consul.Service;
import io.vertx.ext.consul.ServiceEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one service instance as a worker. A value in its meta that makes no sense is named and left
 * out; the rest is used. Pure.
 */
final class InstanceReader {

  /** Where further model names stand when one meta value (512 bytes) does not hold them all. */
  private static final String MODELS = "models";

  private static final Set<String> READ =
      Set.of("engine", MODELS, "scheme", "path", "weight", "max-concurrency");

  /**
   * What was read.
   *
   * @param instance null when it cannot be addressed at all
   * @param problems one line for each value that was left out
   */
  record Reading(@Nullable Instance instance, List<String> problems) {
    Reading {
      problems = List.copyOf(problems);
    }
  }

  private final String source;
  private final ServiceEntry entry;
  private final Map<String, String> meta;
  private final List<String> problems = new ArrayList<>();

  private InstanceReader(String source, ServiceEntry entry) {
    this.source = source;
    this.entry = entry;
    Map<String, String> given = entry.getService().getMeta();
    this.meta = given == null ? Map.of() : given;
  }

  /**
   * @param source the first part of the worker's key
   */
  static Reading read(String source, ServiceEntry entry) {
    return new InstanceReader(source, entry).read();
  }

  private Reading read() {
    WorkerAddress address = address();
    if (address == null) {
      return new Reading(null, problems);
    }
    boolean drain = false;
    boolean down = false;
    for (Check check : entry.getChecks()) {
      if (isMaintenance(check)) {
        drain = true;
      } else if (check.getStatus() == CheckStatus.CRITICAL) {
        down = true;
      }
    }
    WorkerSpec worker =
        new WorkerSpec(
            source,
            entry.getService().getId(),
            address,
            engine(),
            models(),
            maxConcurrency(),
            weight(),
            drain,
            down,
            null,
            furtherMeta());
    return new Reading(new Instance(node(), worker), problems);
  }

  private String node() {
    String name = entry.getNode().getName();
    return name == null ? "" : name;
  }

  private static boolean isMaintenance(Check check) {
    String id = check.getId() == null ? "" : check.getId();
    return id.equals("_node_maintenance") || id.startsWith("_service_maintenance:");
  }

  private @Nullable WorkerAddress address() {
    Service service = entry.getService();
    String host = service.getAddress();
    if (host == null || host.isBlank()) {
      host = entry.getNode().getAddress();
    }
    if (host == null || host.isBlank()) {
      problems.add("it has no address, nor has its node; it is left out");
      return null;
    }
    if (service.getPort() < 1 || service.getPort() > 65535) {
      problems.add("its port is " + service.getPort() + ", expected 1 to 65535; it is left out");
      return null;
    }
    return new WorkerAddress(tls(), host.strip(), service.getPort(), path());
  }

  private boolean tls() {
    String scheme = value("scheme");
    if (scheme == null || scheme.equalsIgnoreCase("http")) {
      return false;
    }
    if (scheme.equalsIgnoreCase("https")) {
      return true;
    }
    problem("scheme", scheme, "http or https", "http is used");
    return false;
  }

  private String path() {
    String path = value("path");
    if (path == null) {
      return "";
    }
    if (!path.startsWith("/")
        || path.chars().anyMatch(c -> c <= ' ' || c >= 0x7f || c == '?' || c == '#')) {
      problem("path", path, "a path that begins with / and has no query", "none is used");
      return "";
    }
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }

  private @Nullable String engine() {
    String engine = value("engine");
    if (engine == null) {
      return null;
    }
    String id = engine.toLowerCase(Locale.ROOT);
    if (Engines.byId(id) == null) {
      problem("engine", engine, "one of " + Engines.ids(), "the worker is asked");
      return null;
    }
    return id;
  }

  private @Nullable List<ServedModel> models() {
    if (!meta.containsKey(MODELS)) {
      return null;
    }
    Set<String> names = new LinkedHashSet<>();
    String part = meta.get(MODELS);
    for (int next = 2; part != null; next++) {
      for (String name : part.split(",", -1)) {
        if (!name.isBlank()) {
          names.add(name.strip());
        }
      }
      part = meta.get(MODELS + "-" + next);
    }
    if (names.isEmpty()) {
      problem(MODELS, meta.get(MODELS), "names separated by commas", "the worker is asked");
      return null;
    }
    return names.stream().map(ServedModel::of).toList();
  }

  private @Nullable Integer maxConcurrency() {
    String text = value("max-concurrency");
    if (text == null) {
      return null;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 1) {
        return number;
      }
    } catch (NumberFormatException e) {
      // named below, with the value
    }
    problem("max-concurrency", text, "a whole number from 1", "the worker is asked");
    return null;
  }

  private double weight() {
    String text = value("weight");
    if (text == null) {
      return 1;
    }
    try {
      double number = Double.parseDouble(text);
      if (number > 0 && !Double.isInfinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // named below, with the value
    }
    problem("weight", text, "a number above 0", "1 is used");
    return 1;
  }

  private Map<String, String> furtherMeta() {
    Map<String, String> further = new LinkedHashMap<>();
    meta.forEach(
        (key, value) -> {
          if (value != null && !READ.contains(key) && !key.matches(MODELS + "-\\d+")) {
            further.put(key, value);
          }
        });
    if (entry.getService().getName() != null) {
      further.putIfAbsent("service", entry.getService().getName());
    }
    if (!node().isEmpty()) {
      further.putIfAbsent("node", node());
    }
    return further;
  }

  private @Nullable String value(String key) {
    String value = meta.get(key);
    return value == null || value.isBlank() ? null : value.strip();
  }

  private void problem(String key, @Nullable String value, String expected, String instead) {
    problems.add("its meta " + key + " is '" + value + "', expected " + expected + "; " + instead);
  }
}

package dev.headrace.loadtest.perf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Gathers the samples of {@link ProxyCost} and writes them for people and for scripts. */
final class ProxyCostReport {
  private static final double HELD = 0.97;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Map<Proxy, Map<Workload, List<Sample>>> samples = new EnumMap<>(Proxy.class);
  private final List<Sample> direct = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();

  void add(Proxy proxy, Workload workload, Sample sample) {
    samples
        .computeIfAbsent(proxy, p -> new EnumMap<>(Workload.class))
        .computeIfAbsent(workload, w -> new ArrayList<>())
        .add(sample);
  }

  /** The worker without a proxy before it. */
  void addDirect(Sample sample) {
    direct.add(sample);
  }

  /** The report as text. */
  List<String> lines() {
    return lines;
  }

  /**
   * @param others CPU that other programs of the machine used meanwhile, in cores
   * @param jvmFlags those of the measured router
   */
  void write(ProxyCostOptions options, double seconds, double others, String jvmFlags)
      throws IOException {
    Map<String, String> facts = facts(options, seconds, others);
    if (!jvmFlags.isEmpty()) {
      facts.put("flags of Headrace's JVM", jvmFlags);
    }
    markdown(options, facts);
    if (options.markdown() != null) {
      Files.writeString(options.markdown(), String.join("\n", lines) + "\n");
    }
    if (options.json() != null) {
      Files.writeString(options.json(), JSON.writeValueAsString(json(facts)) + "\n");
    }
  }

  private static Map<String, String> facts(
      ProxyCostOptions options, double seconds, double others) {
    Map<String, String> facts = new LinkedHashMap<>(Machine.facts());
    ProxyPrograms programs = options.programs();
    for (Proxy proxy : options.proxies()) {
      facts.put(
          proxy.title(),
          switch (proxy) {
            case NGINX -> Machine.version(List.of(programs.nginx(), "-v"));
            case HAPROXY -> Machine.version(List.of(programs.haproxy(), "-v"));
            case HEADRACE -> Machine.version(List.of(programs.headrace(), "version"));
          });
    }
    facts.put(
        "rounds",
        text(
            "%d, windows of %.0f s, whole run %.0f s",
            options.rounds(), options.windowSeconds(), seconds));
    facts.put("other programs meanwhile", text("%.2f cores", others));
    return facts;
  }

  private void markdown(ProxyCostOptions options, Map<String, String> facts) {
    lines.add("# What the router costs beside nginx and HAProxy");
    lines.add("");
    lines.add("Written by `" + options.command() + "`; run it again to compare.");
    lines.add("");
    lines.add(
        "CPU time of the proxy's own process (user and system, children included) for one unit of"
            + " work, in microseconds: median of the rounds, and the lowest and highest. All"
            + " proxies run in the same minutes on one core, in turns; the load and the mock worker"
            + " share the other core. Only CPU time is counted, so a crowded machine shifts all"
            + " columns, and the ratios less; where it may, the run takes a higher priority.");
    lines.add("");
    List<Proxy> proxies = options.proxies();
    boolean ours = proxies.contains(Proxy.HEADRACE);
    List<Proxy> rivals = proxies.stream().filter(p -> p != Proxy.HEADRACE).toList();
    header("CPU, µs per", proxies, ours ? rivals : List.of());
    for (Workload workload : Workload.values()) {
      row(workload.unit(), workload, proxies, ours ? rivals : List.of(), Sample::microsPerUnit);
    }
    lines.add("");
    lines.add("## Time to the first token");
    lines.add("");
    Spread alone = Spread.of(direct, Sample::firstTokenMicros);
    lines.add(
        "Median from the send to the first token, in microseconds. Without a proxy: "
            + alone.text("%.0f")
            + ", one stream at a time.");
    lines.add("");
    header("first token, µs", proxies, List.of());
    for (Workload workload : List.of(Workload.FIRST_TOKEN, Workload.PACED)) {
      row(workload.unit(), workload, proxies, List.of(), Sample::firstTokenMicros, "%.0f");
    }
    lines.add(
        "| added by the proxy, one stream at a time | "
            + proxies.stream()
                .map(
                    proxy ->
                        text(
                            "%.0f",
                            spread(proxy, Workload.FIRST_TOKEN, Sample::firstTokenMicros).median()
                                - alone.median()))
                .collect(Collectors.joining(" | "))
            + " |");
    lines.add("");
    lines.add("## What went through");
    lines.add("");
    lines.add(
        "Units per second, the cores that the proxy used for them, and errors of all rounds.");
    lines.add("");
    header("load", proxies, List.of());
    for (Workload workload : Workload.values()) {
      lines.add(
          "| "
              + workload.unit()
              + " | "
              + proxies.stream().map(p -> through(p, workload)).collect(Collectors.joining(" | "))
              + " |");
    }
    lines.add("");
    lines.add(pace(proxies));
    lines.add("");
    lines.add("## Measured with");
    lines.add("");
    facts.forEach((name, value) -> lines.add("- " + name + ": " + value));
    for (Proxy proxy : proxies) {
      lines.add("");
      lines.add("## Configuration of " + proxy.title());
      lines.add("");
      lines.add("```");
      proxy.form().lines().forEach(lines::add);
      lines.add("```");
    }
  }

  /** A load that came in gusts is cheaper per token than one that keeps its pace. */
  private String pace(List<Proxy> proxies) {
    double slowest =
        proxies.stream()
            .mapToDouble(proxy -> spread(proxy, Workload.PACED, Sample::perSecond).min())
            .min()
            .orElse(Double.NaN);
    double part = slowest / Workload.PACED.pace();
    return part >= HELD
        ? text("The pace of the 300 streams held: at least %.1f %% of it came through.", part * 100)
        : text(
            "**The pace of the 300 streams did not hold** (%.1f %% came through at the worst): the"
                + " machine was too busy, and the second row is not to be quoted.",
            part * 100);
  }

  private String through(Proxy proxy, Workload workload) {
    return text(
        "%.0f/s, %.2f core, %d",
        spread(proxy, workload, Sample::perSecond).median(),
        spread(proxy, workload, Sample::core).median(),
        of(proxy, workload).stream().mapToLong(Sample::errors).sum());
  }

  private void header(String first, List<Proxy> proxies, List<Proxy> rivals) {
    StringBuilder head = new StringBuilder("| " + first + " |");
    proxies.forEach(proxy -> head.append(' ').append(proxy.title()).append(" |"));
    rivals.forEach(rival -> head.append(" Headrace / ").append(rival.title()).append(" |"));
    lines.add(head.toString());
    lines.add("|---|" + "---:|".repeat(proxies.size() + rivals.size()));
  }

  private void row(
      String name,
      Workload workload,
      List<Proxy> proxies,
      List<Proxy> rivals,
      ToDoubleFunction<Sample> value) {
    row(name, workload, proxies, rivals, value, "%.1f");
  }

  private void row(
      String name,
      Workload workload,
      List<Proxy> proxies,
      List<Proxy> rivals,
      ToDoubleFunction<Sample> value,
      String format) {
    StringBuilder row = new StringBuilder("| " + name + " |");
    for (Proxy proxy : proxies) {
      row.append(' ').append(spread(proxy, workload, value).text(format)).append(" |");
    }
    for (Proxy rival : rivals) {
      double ratio =
          spread(Proxy.HEADRACE, workload, value).median()
              / spread(rival, workload, value).median();
      row.append(text(" %.2f |", ratio));
    }
    lines.add(row.toString());
  }

  private Spread spread(Proxy proxy, Workload workload, ToDoubleFunction<Sample> value) {
    return Spread.of(of(proxy, workload), value);
  }

  private List<Sample> of(Proxy proxy, Workload workload) {
    return samples.getOrDefault(proxy, Map.of()).getOrDefault(workload, List.of());
  }

  private ObjectNode json(Map<String, String> facts) {
    ObjectNode root = JSON.createObjectNode();
    root.put("schema", "headrace-proxy-cost/1");
    facts.forEach(root.putObject("machine")::put);
    root.put("direct_first_token_us", Spread.of(direct, Sample::firstTokenMicros).median());
    ObjectNode proxies = root.putObject("proxies");
    samples.forEach(
        (proxy, workloads) -> {
          ObjectNode node = proxies.putObject(proxy.title());
          workloads.forEach(
              (workload, list) -> {
                var array = node.putArray(workload.name().toLowerCase(Locale.ROOT));
                for (Sample sample : list) {
                  array
                      .addObject()
                      .put("cpu_us_per_unit", sample.microsPerUnit())
                      .put("units_per_s", sample.perSecond())
                      .put("cores", sample.core())
                      .put("first_token_us", sample.firstTokenMicros())
                      .put("errors", sample.errors());
                }
              });
        });
    return root;
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

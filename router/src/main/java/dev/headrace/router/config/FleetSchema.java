package dev.headrace.router.config;

import dev.headrace.router.config.HeadraceConfig.Consul;
import dev.headrace.router.config.HeadraceConfig.Embedded;
import dev.headrace.router.config.HeadraceConfig.Fleet;
import dev.headrace.router.config.HeadraceConfig.StaticWorker;
import dev.headrace.worker.engine.Engines;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** The keys below {@code fleet}. */
final class FleetSchema {
  private static final List<String> ENGINES = Engines.ids();

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}");
  private static final Pattern SERVICE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*\\*?");
  private static final Pattern KV_PREFIX = Pattern.compile("[^/\\s](.*[^/\\s])?");

  private static final ValueType<String> SERVICE_NAME =
      ValueType.matching(
          "service name",
          SERVICE,
          "expected a service name, or a prefix that ends in *, such as headrace-worker or llm-*");

  // One worker of fleet.static

  private static final Field<String> ID_FIELD =
      Field.required(
          "id",
          ValueType.matching(
              "worker id", ID, "expected letters, digits and . _ : @ -, such as gpu-1"),
          "Name of the worker, unique in the list.");
  private static final Field<String> URL =
      Field.required(
          "url",
          ValueType.workerUrl(),
          "Where it listens; a path stands before each path of its API.");
  private static final Field<String> ENGINE =
      Field.optional(
          "engine",
          ValueType.choice("one of " + String.join(", ", ENGINES), ENGINES),
          "The software it runs. Left out, the worker is asked.");
  private static final Field<List<String>> MODELS =
      Field.optional(
          "models",
          new Shape.ListOf<>(new Shape.Scalar<>(ValueType.text("model name"))),
          "The models it serves. Left out, the worker is asked.");
  private static final Field<Integer> MAX_CONCURRENCY =
      Field.optional(
          "max-concurrency",
          ValueType.integer(1, 100_000),
          "Requests it is given at the same time. Left out, the worker is asked.");
  private static final Field<Double> WEIGHT =
      Field.of("weight", ValueType.positive(), "1", "Capacity relative to the others.");
  private static final Field<Secret> API_KEY =
      Field.optional("api-key", ValueType.secret(), "Bearer token that this worker wants.");

  private static final Shape<StaticWorker> STATIC_WORKER =
      new Shape.Section<>(
          List.of(ID_FIELD, URL, ENGINE, MODELS, MAX_CONCURRENCY, WEIGHT, API_KEY),
          values ->
              new StaticWorker(
                  values.get(ID_FIELD),
                  values.get(URL),
                  values.find(ENGINE),
                  values.find(MODELS),
                  values.find(MAX_CONCURRENCY),
                  values.get(WEIGHT),
                  values.find(API_KEY)));

  // fleet.embedded

  private static final Field<Duration> TTL =
      Field.of(
          "ttl",
          ValueType.duration(Duration.ofSeconds(1), Duration.ofMinutes(10)),
          "15s",
          "A worker without a heartbeat for so long gets no new request.");

  private static final Shape<Embedded> EMBEDDED =
      new Shape.Section<>(List.of(TTL), values -> new Embedded(values.get(TTL)));

  // fleet.consul

  private static final Field<InetSocketAddress> ADDRESS =
      Field.of(
          "address", ValueType.address(8500), "127.0.0.1:8500", "HTTP API of the Consul agent.");
  private static final Field<Boolean> TLS =
      Field.of("tls", ValueType.flag(), "false", "Whether that API speaks HTTPS.");
  private static final Field<List<String>> SERVICES =
      Field.optional(
          "services",
          new Shape.ListOf<>(new Shape.Scalar<>(SERVICE_NAME)),
          "Service names to watch; one that ends in * is a prefix. Left out: headrace-worker.");
  private static final Field<Secret> TOKEN =
      Field.optional("token", ValueType.secret(), "ACL token.");
  private static final Field<String> DATACENTER =
      Field.optional(
          "datacenter", ValueType.text("text"), "Data centre to ask. Left out: the agent's own.");
  private static final Field<String> KV =
      Field.of(
          "kv-prefix",
          ValueType.matching(
              "text", KV_PREFIX, "expected a path without slashes at its ends, such as headrace"),
          "headrace",
          "Where model settings stand in the key-value store: <prefix>/models/<name>.");
  private static final Field<Duration> MAX_WAIT =
      Field.of(
          "max-wait",
          ValueType.duration(Duration.ofSeconds(1), Duration.ofMinutes(10)),
          "30s",
          "Longest time of one blocking query.");

  private static final Shape<Consul> CONSUL =
      new Shape.Section<>(
          List.of(ADDRESS, TLS, SERVICES, TOKEN, DATACENTER, KV, MAX_WAIT), FleetSchema::consul);

  // fleet

  private static final Field<List<StaticWorker>> STATIC =
      Field.always(
          "static", new Shape.ListOf<>(STATIC_WORKER), "Workers named here, one entry each.");
  private static final Field<Embedded> EMBEDDED_FIELD =
      Field.optional(
          "embedded",
          EMBEDDED,
          "Workers register over the admin port. Holds by itself when no other source is named.");
  private static final Field<Consul> CONSUL_FIELD =
      Field.optional("consul", CONSUL, "Workers that a Consul agent knows.");
  private static final Field<String> STATE_FILE =
      Field.optional(
          "state-file",
          ValueType.text("path, or none"),
          "Where the last known fleet is kept for a start without Consul. Left out, with Consul:"
              + " fleet-<port>.json in $STATE_DIRECTORY, else in $XDG_STATE_HOME/headrace, else in"
              + " ~/.local/state/headrace. The word none switches it off.");

  private FleetSchema() {}

  /** The keys below {@code fleet}; a relative state file is completed by {@link ConfigLoader}. */
  static Shape<Fleet> shape() {
    return new Shape.Section<>(
        List.of(STATIC, EMBEDDED_FIELD, CONSUL_FIELD, STATE_FILE),
        values -> {
          String stateFile = values.find(STATE_FILE);
          return new Fleet(
              values.get(STATIC),
              values.find(EMBEDDED_FIELD),
              values.find(CONSUL_FIELD),
              stateFile == null ? null : Path.of(stateFile));
        });
  }

  /** The tree with the embedded registry in it when no source of workers is named at all. */
  static Node.Mapping withDefaultSource(Node.Mapping root) {
    if (root.get("fleet") instanceof Node.Mapping fleet) {
      Node list = fleet.get("static");
      boolean noStatic =
          list == null
              || list instanceof Node.Empty
              || (list instanceof Node.Sequence sequence && sequence.items().isEmpty());
      if (!noStatic || fleet.get("embedded") != null || fleet.get("consul") != null) {
        return root;
      }
    }
    return root.with(List.of("fleet", "embedded"), new Node.Empty(Origin.DEFAULT));
  }

  private static Consul consul(Values values) {
    InetSocketAddress address = values.get(ADDRESS);
    List<String> services = values.find(SERVICES);
    return new Consul(
        address.getHostString(),
        address.getPort(),
        values.get(TLS),
        services == null ? List.of("headrace-worker") : services,
        values.find(TOKEN),
        values.find(DATACENTER),
        values.get(KV),
        values.get(MAX_WAIT));
  }
}

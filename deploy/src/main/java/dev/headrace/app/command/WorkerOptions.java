package dev.headrace.app.command;

import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.agent.AgentOptions;
import dev.headrace.worker.agent.CommandWords;
import dev.headrace.worker.engine.Engines;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of {@code headrace worker}, checked. */
final class WorkerOptions {
  private static final Duration SHORTEST_TTL = Duration.ofSeconds(3);
  private static final Duration USUAL_TTL = Duration.ofSeconds(15);
  private static final String USUAL_SERVICE = "headrace-worker";

  /**
   * Where to register.
   *
   * @param consul a Consul agent, else a router's admin port
   */
  record Target(
      boolean consul,
      WorkerAddress address,
      @Nullable String token,
      String service,
      Duration ttl) {}

  @Option(
      names = "--url",
      required = true,
      paramLabel = "URL",
      description = "Where the engine listens, such as http://127.0.0.1:8080.")
  private String url = "";

  @Option(
      names = "--consul",
      paramLabel = "HOST:PORT",
      description = "Register with this Consul agent; https://HOST:PORT for TLS.")
  private @Nullable String consul;

  @Option(
      names = "--router",
      paramLabel = "URL",
      description = "Register with the router that has its admin port there.")
  private @Nullable String router;

  @Option(
      names = "--exec",
      paramLabel = "COMMAND",
      description =
          "Own the engine: start this command, start it again when it ends, stop it after the"
              + " drain. Split into words as by a shell, but no shell runs.")
  private @Nullable String exec;

  @Option(
      names = "--id",
      paramLabel = "NAME",
      description = "The worker's name among all workers. Default: <hostname>-<port>.")
  private @Nullable String id;

  @Option(
      names = "--advertise",
      paramLabel = "ADDRESS",
      description =
          "Where routers reach the engine: a URL, HOST:PORT or HOST. Default: the address of --url.")
  private @Nullable String advertise;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "vllm, tgi, llamacpp, sglang, trtllm or openai. Default: found out.")
  private @Nullable String engine;

  @Option(
      names = "--model",
      split = ",",
      paramLabel = "NAME",
      description = "Register these models only. Default: all that the engine tells.")
  private @Nullable List<String> models;

  @Option(
      names = "--max-concurrency",
      paramLabel = "N",
      description = "Requests at once. Default: what the engine tells, if it does.")
  private @Nullable Integer maxConcurrency;

  @Option(
      names = "--weight",
      defaultValue = "1",
      paramLabel = "X",
      description = "Relative capacity among the workers of a model. Default: ${DEFAULT-VALUE}.")
  private double weight;

  @Option(
      names = "--meta",
      paramLabel = "KEY=VALUE",
      description = "Further facts for routers, such as zone=a. May be repeated.")
  private Map<String, String> meta = new LinkedHashMap<>();

  @Option(
      names = "--api-key",
      defaultValue = "${env:HEADRACE_ENGINE_API_KEY}",
      paramLabel = "KEY",
      description = "The engine's API key. Better given as HEADRACE_ENGINE_API_KEY.")
  private @Nullable String apiKey;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "Consul's ACL token or the router's admin token. Better given as CONSUL_HTTP_TOKEN or"
              + " HEADRACE_ADMIN_TOKEN.")
  private @Nullable String token;

  @Option(
      names = "--service",
      paramLabel = "NAME",
      description = "Name of the service in Consul. Default: " + USUAL_SERVICE + ".")
  private @Nullable String service;

  @Option(
      names = "--ttl",
      converter = DurationOption.class,
      paramLabel = "TIME",
      description =
          "Consul calls the worker critical when it heard nothing for so long. Default: 15s.")
  private @Nullable Duration ttl;

  @Option(
      names = "--drain-timeout",
      converter = DurationOption.class,
      defaultValue = "30s",
      paramLabel = "TIME",
      description = "How long running requests may go on. Default: ${DEFAULT-VALUE}.")
  private Duration drainTimeout = Duration.ofSeconds(30);

  AgentOptions agent(CommandSpec spec) {
    WorkerAddress address = address(spec, "--url", url);
    if (engine != null && Engines.byId(engine) == null) {
      throw wrong(spec, "--engine: expected one of " + Engines.ids() + ", got '" + engine + "'");
    }
    if (maxConcurrency != null && maxConcurrency < 1) {
      throw wrong(spec, "--max-concurrency: expected 1 or more, got " + maxConcurrency);
    }
    if (!(weight > 0) || Double.isInfinite(weight)) {
      throw wrong(spec, "--weight: expected a number above 0, got " + weight);
    }
    String name = id == null ? hostname() + "-" + address.port() : id;
    if (!name.matches("[A-Za-z0-9._:@-]{1,128}")) {
      throw wrong(
          spec, "--id: expected 1 to 128 letters, digits and . _ : @ -, got '" + name + "'");
    }
    return new AgentOptions(
        name,
        address,
        advertised(spec, address),
        engine,
        models,
        maxConcurrency,
        weight,
        meta,
        apiKey == null || apiKey.isEmpty() ? null : apiKey,
        command(spec),
        drainTimeout,
        AgentOptions.STOP_TIMEOUT,
        AgentOptions.INTERVAL,
        AgentOptions.DESCRIBE_EVERY);
  }

  Target target(CommandSpec spec) {
    if ((consul == null) == (router == null)) {
      throw wrong(
          spec,
          "say where to register: either --consul HOST:PORT or --router URL"
              + (consul == null ? "" : ", not both"));
    }
    if (consul != null) {
      String text = consul.contains("://") ? consul : "http://" + withPort(consul);
      Duration given = ttl == null ? USUAL_TTL : ttl;
      if (given.compareTo(SHORTEST_TTL) < 0) {
        throw wrong(spec, "--ttl: expected 3s or more, got " + given.toMillis() + "ms");
      }
      return new Target(
          true,
          address(spec, "--consul", text),
          token("CONSUL_HTTP_TOKEN"),
          service == null ? USUAL_SERVICE : service,
          given);
    }
    if (service != null || ttl != null) {
      throw wrong(
          spec,
          (service != null ? "--service" : "--ttl")
              + " belongs to --consul; a router decides that itself");
    }
    return new Target(
        false,
        address(spec, "--router", String.valueOf(router)),
        token("HEADRACE_ADMIN_TOKEN"),
        USUAL_SERVICE,
        USUAL_TTL);
  }

  private @Nullable String token(String variable) {
    String given = token == null ? System.getenv(variable) : token;
    return given == null || given.isBlank() ? null : given;
  }

  private WorkerAddress advertised(CommandSpec spec, WorkerAddress engineAddress) {
    if (advertise == null) {
      return engineAddress;
    }
    if (advertise.contains("://")) {
      return address(spec, "--advertise", advertise);
    }
    WorkerAddress given = address(spec, "--advertise", "http://" + advertise);
    boolean named = advertise.matches(".*[^:]:\\d+") || advertise.matches("\\[.*]:\\d+");
    return new WorkerAddress(
        engineAddress.tls(),
        given.host(),
        named ? given.port() : engineAddress.port(),
        engineAddress.basePath());
  }

  private @Nullable List<String> command(CommandSpec spec) {
    if (exec == null) {
      return null;
    }
    try {
      return CommandWords.split(exec);
    } catch (IllegalArgumentException e) {
      throw wrong(spec, "--exec: " + e.getMessage());
    }
  }

  private static String withPort(String address) {
    return address.matches(".*:\\d+") ? address : address + ":8500";
  }

  private static WorkerAddress address(CommandSpec spec, String option, String text) {
    try {
      return WorkerAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong(spec, option + ": " + e.getMessage());
    }
  }

  private static ParameterException wrong(CommandSpec spec, String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static String hostname() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "worker";
    }
  }
}

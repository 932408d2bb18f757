package dev.headrace.router.config;

import dev.headrace.router.balance.Policies;
import dev.headrace.router.config.HeadraceConfig.Admin;
import dev.headrace.router.config.HeadraceConfig.Auth;
import dev.headrace.router.config.HeadraceConfig.Defaults;
import dev.headrace.router.config.HeadraceConfig.Fleet;
import dev.headrace.router.config.HeadraceConfig.Health;
import dev.headrace.router.config.HeadraceConfig.Limits;
import dev.headrace.router.config.HeadraceConfig.Logs;
import dev.headrace.router.config.HeadraceConfig.Model;
import dev.headrace.router.config.HeadraceConfig.Retry;
import dev.headrace.router.config.HeadraceConfig.Shutdown;
import dev.headrace.router.config.HeadraceConfig.Threads;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every key there is: its place, type, bounds, default and meaning. Checking, defaults, the names
 * of environment variables and the reference all come from here, so that they cannot differ.
 */
final class Schema {
  private static final Duration MS = Duration.ofMillis(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final long KIB = 1024;

  private static final ValueType<Duration> SHORT = ValueType.duration(MS, HOUR);
  private static final ValueType<Duration> LONG = ValueType.duration(MS, DAY);

  // admin, auth

  private static final Field<InetSocketAddress> ADMIN_LISTEN =
      Field.of(
          "listen",
          ValueType.listenAddress(),
          "127.0.0.1:8089",
          "The admin port: metrics, registration of workers, operator commands.");
  private static final Field<Secret> ADMIN_TOKEN =
      Field.optional(
          "token",
          ValueType.secret(),
          "Bearer token of the admin port. Needed when it listens beyond loopback.");
  private static final Field<Admin> ADMIN =
      Field.always(
          "admin",
          new Shape.Section<>(
              List.of(ADMIN_LISTEN, ADMIN_TOKEN),
              v -> new Admin(v.get(ADMIN_LISTEN), v.find(ADMIN_TOKEN))),
          "The operators' side.");

  private static final Field<String> KEYS_FILE =
      Field.optional(
          "keys-file",
          ValueType.text("path"),
          "File of the clients' API keys, relative to this file; read again when it changes."
              + " Needed when the data port listens beyond loopback. Left out: no key is asked for.");
  private static final Field<Auth> AUTH =
      Field.always(
          "auth",
          new Shape.Section<>(
              List.of(KEYS_FILE),
              v -> {
                String file = v.find(KEYS_FILE);
                return new Auth(file == null ? null : Path.of(file));
              }),
          "Who may use the data port.");

  private static final Field<Fleet> FLEET =
      Field.always(
          "fleet",
          FleetSchema.shape(),
          "Where workers come from. Several sources may be used together.");

  // models

  private static final Field<List<String>> ALIASES =
      Field.always(
          "aliases",
          new Shape.ListOf<>(new Shape.Scalar<>(ValueType.text("model name"))),
          "Other names by which clients may ask for it.");
  private static final Field<Duration> MODEL_FIRST_TOKEN =
      Field.optional("first-token-timeout", SHORT, "Instead of defaults.first-token-timeout.");
  private static final Field<Duration> MODEL_IDLE =
      Field.optional("idle-timeout", SHORT, "Instead of defaults.idle-timeout.");
  private static final Field<Duration> MODEL_TOTAL =
      Field.optional("total-timeout", LONG, "Instead of defaults.total-timeout.");
  private static final ValueType<String> POLICY_NAME =
      ValueType.choice("one of " + String.join(", ", Policies.names()), Policies.names());
  private static final Field<String> MODEL_POLICY =
      Field.optional("policy", POLICY_NAME, "Instead of defaults.policy.");
  private static final Field<Map<String, Double>> WEIGHTS =
      Field.always(
          "weights",
          new Shape.MapOf<>("<worker id>", new Shape.Scalar<>(ValueType.positive())),
          "Capacity of workers for this model, relative to each other; over their own weight.");
  private static final Field<Map<String, Model>> MODELS =
      Field.always(
          "models",
          new Shape.MapOf<>(
              "<model name>",
              new Shape.Section<>(
                  List.of(
                      ALIASES,
                      MODEL_FIRST_TOKEN,
                      MODEL_IDLE,
                      MODEL_TOTAL,
                      MODEL_POLICY,
                      WEIGHTS,
                      AdmissionSchema.OVERRIDES),
                  v ->
                      new Model(
                          v.get(ALIASES),
                          v.find(MODEL_FIRST_TOKEN),
                          v.find(MODEL_IDLE),
                          v.find(MODEL_TOTAL),
                          v.find(MODEL_POLICY),
                          v.get(WEIGHTS),
                          v.get(AdmissionSchema.OVERRIDES)))),
          "Settings of single models.");

  // defaults

  private static final Field<Duration> CONNECT =
      Field.of("connect-timeout", SHORT, "2s", "To connect to a worker.");
  private static final Field<Duration> FIRST_TOKEN =
      Field.of(
          "first-token-timeout",
          SHORT,
          "60s",
          "From the choice of a worker to its first content: queueing and prefill inside it.");
  private static final Field<Duration> IDLE =
      Field.of(
          "idle-timeout",
          SHORT,
          "30s",
          "Longest silence between tokens, or between parts of a JSON answer.");
  private static final Field<Duration> TOTAL =
      Field.of("total-timeout", LONG, "10m", "Longest time of a whole request.");
  private static final Field<Duration> COMMENT =
      Field.of(
          "keep-alive-comment",
          SHORT,
          "10s",
          "A stream that is silent for so long gets a comment line, so that nothing between cuts it.");
  private static final Field<String> POLICY =
      Field.of("policy", POLICY_NAME, Policies.DEFAULT, "How a worker is chosen for a request.");
  private static final Field<Defaults> DEFAULTS =
      Field.always(
          "defaults",
          new Shape.Section<>(
              List.of(CONNECT, FIRST_TOKEN, IDLE, TOTAL, COMMENT, POLICY),
              v ->
                  new Defaults(
                      v.get(CONNECT),
                      v.get(FIRST_TOKEN),
                      v.get(IDLE),
                      v.get(TOTAL),
                      v.get(COMMENT),
                      v.get(POLICY))),
          "What holds for a model that sets nothing else.");

  // limits

  private static final Field<Long> MAX_BODY =
      Field.of(
          "max-body",
          ValueType.size(KIB, KIB * KIB * KIB),
          "16MiB",
          "Largest body of one request.");
  private static final Field<Long> MAX_BUFFERED =
      Field.of(
          "max-buffered-bodies",
          ValueType.size(KIB * KIB, 64 * KIB * KIB * KIB),
          "256MiB",
          "Request bodies held at the same time, all together; at most a third of the Java heap.");
  private static final Field<Long> MAX_HEADER =
      Field.of(
          "max-header", ValueType.size(KIB, KIB * KIB), "16KiB", "Largest head of one request.");
  private static final Field<Integer> MAX_CONNECTIONS =
      Field.of(
          "max-connections",
          ValueType.integer(1, 1_000_000),
          "10000",
          "Client connections at the same time.");
  private static final Field<Integer> MAX_IN_FLIGHT =
      Field.of(
          "max-in-flight",
          ValueType.integer(1, 1_000_000),
          "5000",
          "Requests at the same time, over all models.");
  private static final Field<Duration> HEADER_TIMEOUT =
      Field.of("header-timeout", SHORT, "10s", "For a client to send the head of a request.");
  private static final Field<Duration> BODY_TIMEOUT =
      Field.of("body-timeout", SHORT, "30s", "For a client to send the body of a request.");
  private static final Field<Duration> CLIENT_IDLE =
      Field.of(
          "client-idle", SHORT, "75s", "A client connection without a request is closed then.");
  private static final Field<Limits> LIMITS =
      Field.always(
          "limits",
          new Shape.Section<>(
              List.of(
                  MAX_BODY,
                  MAX_BUFFERED,
                  MAX_HEADER,
                  MAX_CONNECTIONS,
                  MAX_IN_FLIGHT,
                  HEADER_TIMEOUT,
                  BODY_TIMEOUT,
                  CLIENT_IDLE),
              v ->
                  new Limits(
                      v.get(MAX_BODY),
                      v.get(MAX_BUFFERED),
                      v.get(MAX_HEADER).intValue(),
                      v.get(MAX_CONNECTIONS),
                      v.get(MAX_IN_FLIGHT),
                      v.get(HEADER_TIMEOUT),
                      v.get(BODY_TIMEOUT),
                      v.get(CLIENT_IDLE))),
          "Bounds on what clients can make the router hold.");

  // retry, health, shutdown, threads

  private static final Field<Integer> ATTEMPTS =
      Field.of(
          "attempts",
          ValueType.integer(1, 10),
          "3",
          "Workers tried for one request before its first byte, the first one included.");
  private static final Field<Double> BUDGET =
      Field.of(
          "budget",
          ValueType.number(0, 10),
          "0.2",
          "Further attempts as a share of a model's requests, over the last 10 s. Beyond it the"
              + " first failure is the answer. Changes need a restart.");
  private static final Field<Double> MIN_PER_SECOND =
      Field.of(
          "min-per-second",
          ValueType.number(0, 1_000_000),
          "3",
          "Further attempts per second that a model is allowed beyond that share, for quiet times.");
  private static final Field<Retry> RETRY =
      Field.always(
          "retry",
          new Shape.Section<>(
              List.of(ATTEMPTS, BUDGET, MIN_PER_SECOND),
              v -> new Retry(v.get(ATTEMPTS), v.get(BUDGET), v.get(MIN_PER_SECOND))),
          "What happens when a worker fails.");

  private static final Field<Duration> INTERVAL =
      Field.of("interval", SHORT, "2s", "Time between two checks of a worker.");
  private static final Field<Duration> TIMEOUT =
      Field.of("timeout", SHORT, "2s", "For the worker to answer a check.");
  private static final Field<Integer> FAILURES =
      Field.of("failures", ValueType.integer(1, 100), "2", "Failed checks after which it is down.");
  private static final Field<Integer> SUCCESSES =
      Field.of(
          "successes", ValueType.integer(1, 100), "1", "Good checks after which it is up again.");
  private static final Field<Health> HEALTH =
      Field.always(
          "health",
          new Shape.Section<>(
              List.of(INTERVAL, TIMEOUT, FAILURES, SUCCESSES, OutlierSchema.OUTLIERS),
              v ->
                  new Health(
                      v.get(INTERVAL),
                      v.get(TIMEOUT),
                      v.get(FAILURES),
                      v.get(SUCCESSES),
                      v.get(OutlierSchema.OUTLIERS))),
          "Who may get requests: active checks of workers, and what requests tell of them.");

  private static final Field<Duration> GRACE =
      Field.of(
          "grace",
          ValueType.duration(Duration.ZERO, DAY),
          "30s",
          "How long live streams may go on after a stop was asked for.");
  private static final Field<Shutdown> SHUTDOWN =
      Field.always(
          "shutdown",
          new Shape.Section<>(List.of(GRACE), v -> new Shutdown(v.get(GRACE))),
          "How the router stops.");

  private static final List<String> TRANSPORT_NAMES = List.of("auto", "epoll", "io_uring", "nio");
  private static final Field<Integer> EVENT_LOOPS =
      Field.of(
          "event-loops",
          ValueType.integer(0, 256),
          "0",
          "Threads that serve; 0 means one for each processor.");
  private static final Field<String> TRANSPORT =
      Field.of(
          "transport",
          ValueType.choice("one of " + String.join(", ", TRANSPORT_NAMES), TRANSPORT_NAMES),
          "auto",
          "How sockets are driven; auto takes epoll where there is one.");
  private static final Field<Threads> THREADS =
      Field.always(
          "threads",
          new Shape.Section<>(
              List.of(EVENT_LOOPS, TRANSPORT),
              v -> new Threads(v.get(EVENT_LOOPS), v.get(TRANSPORT))),
          "How the process runs. Changes need a restart.");

  private static final Field<String> ACCESS_FILE =
      Field.optional(
          "access-file",
          ValueType.text("path"),
          "File that gets one line of JSON for each request, relative to this file. Left out:"
              + " none is written. Changes need a restart.");
  private static final Field<Integer> DECISIONS =
      Field.of(
          "decisions",
          ValueType.integer(0, 10_000),
          "0",
          "Choices of workers that are kept for /admin/v1/decisions, with what each candidate"
              + " scored; 0 keeps none and costs nothing. Changes need a restart.");
  private static final Field<Logs> LOGS =
      Field.always(
          "logs",
          new Shape.Section<>(
              List.of(ACCESS_FILE, DECISIONS),
              v -> {
                String file = v.find(ACCESS_FILE);
                return new Logs(file == null ? null : Path.of(file), v.get(DECISIONS));
              }),
          "What is written down.");

  // the root

  private static final Field<InetSocketAddress> LISTEN =
      Field.of(
          "listen",
          ValueType.listenAddress(),
          "127.0.0.1:8088",
          "The data port: the address of the OpenAI-compatible API.");
  private static final Field<Boolean> INSECURE =
      Field.of(
          "insecure",
          ValueType.flag(),
          "false",
          "Allows to listen beyond loopback without credentials. Only for closed networks.");

  static final Shape.Section<HeadraceConfig> ROOT =
      new Shape.Section<>(
          List.of(
              LISTEN,
              ADMIN,
              AUTH,
              FLEET,
              MODELS,
              DEFAULTS,
              LIMITS,
              AdmissionSchema.DEFAULTS,
              RateLimitSchema.FIELD,
              RETRY,
              HEALTH,
              SHUTDOWN,
              THREADS,
              LOGS,
              INSECURE),
          v ->
              new HeadraceConfig(
                  v.get(LISTEN),
                  v.get(ADMIN),
                  v.get(AUTH),
                  v.get(FLEET),
                  v.get(MODELS),
                  v.get(DEFAULTS),
                  v.get(LIMITS),
                  v.get(AdmissionSchema.DEFAULTS),
                  v.get(RateLimitSchema.FIELD),
                  v.get(RETRY),
                  v.get(HEALTH),
                  v.get(SHUTDOWN),
                  v.get(THREADS),
                  v.get(LOGS),
                  v.get(INSECURE),
                  null));

  private Schema() {}

  /** The same configuration with its paths completed and its source named. */
  static HeadraceConfig placed(
      HeadraceConfig c, Auth auth, Fleet fleet, Logs logs, @Nullable Path source) {
    return new HeadraceConfig(
        c.listen(),
        c.admin(),
        auth,
        fleet,
        c.models(),
        c.defaults(),
        c.limits(),
        c.admission(),
        c.rateLimits(),
        c.retry(),
        c.health(),
        c.shutdown(),
        c.threads(),
        logs,
        c.insecure(),
        source);
  }
}

package dev.headrace.router.config;

import dev.headrace.router.admission.Order;
import dev.headrace.router.admission.Priority;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration of a router, checked and complete: every default is filled in. Immutable.
 *
 * @param listen the data port
 * @param models settings by model name
 * @param source the file it was read from, or null when there was none
 */
public record HeadraceConfig(
    InetSocketAddress listen,
    Admin admin,
    Auth auth,
    Fleet fleet,
    Map<String, Model> models,
    Defaults defaults,
    Limits limits,
    Admission admission,
    RateLimits rateLimits,
    Retry retry,
    Health health,
    Shutdown shutdown,
    Threads threads,
    Logs logs,
    boolean insecure,
    @Nullable Path source) {

  public HeadraceConfig {
    models = Map.copyOf(models);
  }

  /** The admin port. The token is needed beyond loopback, unless {@code insecure}. */
  public record Admin(InetSocketAddress listen, @Nullable Secret token) {}

  /**
   * API keys of clients. Without a file the data port is open. The file is read again when it
   * changes.
   */
  public record Auth(@Nullable Path keysFile) {}

  /** Where workers come from. Several sources may be used together. */
  public record Fleet(
      List<StaticWorker> staticWorkers,
      @Nullable Embedded embedded,
      @Nullable Consul consul,
      @Nullable Path stateFile) {
    public Fleet {
      staticWorkers = List.copyOf(staticWorkers);
    }
  }

  /** A worker named in the file. What is null is asked of the worker. */
  public record StaticWorker(
      String id,
      String url,
      @Nullable String engine,
      @Nullable List<String> models,
      @Nullable Integer maxConcurrency,
      double weight,
      @Nullable Secret apiKey) {}

  /**
   * Workers register over the admin API; without a heartbeat for {@code ttl} they are no longer
   * routable.
   */
  public record Embedded(Duration ttl) {}

  /**
   * A Consul agent to ask.
   *
   * @param services exact service names, or prefixes when they end in {@code *}
   * @param kvPrefix model settings stand at {@code <kvPrefix>/models/<name>} in the KV store; no
   *     slashes at its ends
   * @param maxWait longest time of one blocking query
   */
  public record Consul(
      String host,
      int port,
      boolean tls,
      List<String> services,
      @Nullable Secret token,
      @Nullable String datacenter,
      String kvPrefix,
      Duration maxWait) {
    public Consul {
      services = List.copyOf(services);
    }
  }

  /** Settings of one model; null means the default of {@link Defaults}. */
  public record Model(
      List<String> aliases,
      @Nullable Duration firstTokenTimeout,
      @Nullable Duration idleTimeout,
      @Nullable Duration totalTimeout,
      @Nullable String policy,
      Map<String, Double> weights,
      AdmissionOverrides admission) {
    public Model {
      aliases = List.copyOf(aliases);
      weights = Map.copyOf(weights);
    }

    public static final Model EMPTY =
        new Model(List.of(), null, null, null, null, Map.of(), AdmissionOverrides.NONE);
  }

  /**
   * What holds for a model that sets nothing else.
   *
   * @param connectTimeout TCP (and TLS) connect to a worker
   * @param firstTokenTimeout from the choice of a worker to its first content
   * @param idleTimeout silence between tokens, or between parts of a JSON body
   * @param totalTimeout the whole exchange
   * @param keepAliveComment a stream that is silent this long gets a comment line
   * @param policy how a worker is chosen: one of {@link dev.headrace.router.balance.Policies#names}
   */
  public record Defaults(
      Duration connectTimeout,
      Duration firstTokenTimeout,
      Duration idleTimeout,
      Duration totalTimeout,
      Duration keepAliveComment,
      String policy) {}

  /**
   * Bounds on what clients can make the router hold.
   *
   * @param maxBody bytes of one request body
   * @param maxBufferedBodies bytes of all request bodies held at once
   * @param maxConnections client connections
   * @param maxInFlight exchanges at once
   * @param headerTimeout from accept to the end of the request head
   * @param bodyTimeout from the head to the end of the request body
   */
  public record Limits(
      long maxBody,
      long maxBufferedBodies,
      int maxHeaderBytes,
      int maxConnections,
      int maxInFlight,
      Duration headerTimeout,
      Duration bodyTimeout,
      Duration clientIdle) {}

  /**
   * Requests that wait for a place.
   *
   * @param maxQueue how many may, for each model; 0: none
   * @param maxWait how long each may
   * @param order who goes first among those of one tenant and class
   */
  public record Admission(int maxQueue, Duration maxWait, Order order) {}

  /**
   * What the holder of one API key may use.
   *
   * @param otherwise for each key, where its own entry says nothing else
   * @param keys by the names of the file of keys
   */
  public record RateLimits(KeyLimits otherwise, Map<String, KeyLimits> keys) {
    public RateLimits {
      keys = Map.copyOf(keys);
    }

    public static final RateLimits NONE = new RateLimits(KeyLimits.UNTOLD, Map.of());
  }

  /**
   * Limits of a key; null: not said here, 0: no limit.
   *
   * @param tokensPerMinute prompt and output
   * @param concurrency requests at the same time
   * @param priority class of requests that name none, and the highest that one may name
   */
  public record KeyLimits(
      @Nullable Long requestsPerMinute,
      @Nullable Long tokensPerMinute,
      @Nullable Long concurrency,
      @Nullable Priority priority) {
    public static final KeyLimits UNTOLD = new KeyLimits(null, null, null, null);
  }

  /**
   * @param attempts workers tried for one exchange, the first included
   */
  public record Retry(int attempts) {}

  /** Active health checks of workers. */
  public record Health(Duration interval, Duration timeout, int failures, int successes) {}

  /**
   * What is written down.
   *
   * @param accessFile where one line per exchange goes, as JSON; null: nowhere
   * @param decisions choices of workers that are kept in memory; 0: none
   */
  public record Logs(@Nullable Path accessFile, int decisions) {}

  /**
   * @param grace how long live streams may go on after a stop was asked for
   */
  public record Shutdown(Duration grace) {}

  /**
   * How the process runs.
   *
   * @param eventLoops event loops that serve; 0: one for each processor
   * @param transport {@code auto}, {@code epoll}, {@code io_uring} or {@code nio}
   */
  public record Threads(int eventLoops, String transport) {}
}

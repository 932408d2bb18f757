package dev.headrace.router.admin;

import dev.headrace.router.config.Addresses;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.fleet.EmbeddedRegistry;
import dev.headrace.router.fleet.EngineCatalog;
import dev.headrace.router.fleet.FleetDirectory;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The admin port: an HTTP server of its own, on the event loop that called {@link #start}. Bounded
 * in connections, body size and the time that a body may take.
 */
public final class AdminServer {
  private static final int BODY_LIMIT = 256 * 1024;
  private static final int CONNECTIONS = 512;
  private static final int IDLE_SECONDS = 60;
  private static final long BODY_MILLIS = 10_000;
  private static final String DESCRIPTION = "/admin/openapi.json";

  /**
   * What the admin port shows and switches.
   *
   * @param registry where workers register, or null when the embedded registry is not in use
   * @param version for {@code /version}; its {@code version} field also names the API description
   * @param config the configuration in effect, with secrets masked
   * @param more operations of other parts of the router
   * @param clock monotonic nanoseconds
   */
  public record Parts(
      Vertx vertx,
      HeadraceConfig.Admin admin,
      FleetDirectory fleet,
      @Nullable EmbeddedRegistry registry,
      EngineCatalog engines,
      PrometheusMeterRegistry meters,
      Readiness readiness,
      Supplier<JsonObject> version,
      Supplier<JsonObject> config,
      List<Operation> more,
      LongSupplier clock) {
    public Parts {
      more = List.copyOf(more);
    }
  }

  private final Parts parts;
  private final AdminApi api;
  private final AtomicInteger connections = new AtomicInteger();
  private @Nullable HttpServer server;

  public AdminServer(Parts parts) {
    this.parts = parts;
    AdminGuard guard =
        new AdminGuard(parts.admin().token(), Addresses.isLoopback(parts.admin().listen()));
    this.api = new AdminApi(parts.vertx(), guard, operations(parts), BODY_LIMIT);
  }

  /**
   * Listens.
   *
   * @return the port that it listens on; fails when the address is taken
   */
  public Future<Integer> start() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(parts.admin().listen().getHostString())
            .setPort(parts.admin().listen().getPort())
            .setIdleTimeout(IDLE_SECONDS)
            .setIdleTimeoutUnit(TimeUnit.SECONDS)
            .setHttp2ClearTextEnabled(false)
            .setMaxHeaderSize(16 * 1024);
    HttpServer created = parts.vertx().createHttpServer(options);
    server = created;
    return created
        .connectionHandler(this::bound)
        .requestHandler(
            request -> {
              limitBodyTime(request);
              api.handle(request);
            })
        .listen()
        .map(HttpServer::actualPort);
  }

  /** Lets running requests finish for a moment, then closes. */
  public Future<Void> stop() {
    HttpServer running = server;
    return running == null
        ? Future.succeededFuture()
        : running.shutdown(2, TimeUnit.SECONDS).otherwiseEmpty();
  }

  AdminApi api() {
    return api;
  }

  /** All operations, those of the description itself included. */
  private static List<Operation> operations(Parts parts) {
    List<Operation> all = new ArrayList<>();
    all.addAll(
        new SystemOperations(
                parts.vertx(), parts.meters(), parts.readiness(), parts.version(), parts.config())
            .all());
    all.addAll(
        new WorkerOperations(parts.fleet(), parts.registry(), parts.engines(), parts.clock())
            .all());
    all.addAll(new ModelOperations(parts.fleet()).all());
    all.addAll(new LogLevelOperations().all());
    all.addAll(parts.more());
    all.add(
        Operation.get(
            DESCRIPTION,
            "openapi",
            "This description",
            "Config",
            context ->
                Future.succeededFuture(
                    Operation.Reply.json(
                        200,
                        OpenApi.describe(
                            all, parts.version().get().getString("version", "unknown"))))));
    return all;
  }

  private void bound(HttpConnection connection) {
    if (connections.incrementAndGet() > CONNECTIONS) {
      connection.close();
    }
    connection.closeHandler(ignored -> connections.decrementAndGet());
  }

  /** The framework's idle timeout does not end a body that drips. */
  private void limitBodyTime(HttpServerRequest request) {
    boolean bodiless =
        request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    if (bodiless || request.isEnded()) {
      return;
    }
    parts
        .vertx()
        .setTimer(
            BODY_MILLIS,
            ignored -> {
              if (!request.isEnded()) {
                request.connection().close();
              }
            });
  }
}

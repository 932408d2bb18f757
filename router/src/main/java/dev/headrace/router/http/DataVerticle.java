package dev.headrace.router.http;

import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.exchange.Exchange;
import dev.headrace.router.exchange.ExchangeLoop;
import dev.headrace.router.exchange.Reply;
import dev.headrace.router.wire.ServedClient;
import dev.headrace.worker.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The data port on one event loop: checks framing, finds the route by the exact path, asks for the
 * key and starts the exchange. Authorisation and dispatch look at the same {@link Endpoint}, so no
 * spelling of a path can pass one and reach another. Confined to its loop.
 */
final class DataVerticle extends VerticleBase {
  private static final Logger LOG = Logger.getLogger(DataVerticle.class.getName());
  private static final long SWEEP_MILLIS = 250;

  private final DataServer server;
  private final ExchangeLoop.Shared shared;
  private final InetSocketAddress listen;
  private final RequestIds ids = new RequestIds(new SplittableRandom());
  private final ClientConnections connections;
  private @Nullable ExchangeLoop loop;
  private int port;

  DataVerticle(DataServer server, InetSocketAddress listen) {
    this.server = server;
    this.shared = server.shared();
    this.listen = listen;
    HeadraceConfig.Limits limits = shared.config().limits();
    this.connections =
        new ClientConnections(
            shared.bounds(), limits.headerTimeout().toNanos(), limits.clientIdle().toNanos());
  }

  @Override
  public Future<?> start() {
    ExchangeLoop exchanges = new ExchangeLoop(vertx, context, shared);
    loop = exchanges;
    vertx.setPeriodic(SWEEP_MILLIS, id -> connections.sweep(System.nanoTime()));
    HttpServer http =
        vertx
            .createHttpServer(options())
            .connectionHandler(connections::opened)
            .requestHandler(this::handle);
    // A negative port is one free port that all instances of the deployment share.
    int wanted = listen.getPort() == 0 ? -1 : listen.getPort();
    return http.listen(wanted, listen.getHostString())
        .onSuccess(
            listening -> {
              port = listening.actualPort();
              server.started(this);
            });
  }

  private HttpServerOptions options() {
    HeadraceConfig.Limits limits = shared.config().limits();
    return new HttpServerOptions()
        .setMaxInitialLineLength(4096)
        .setMaxHeaderSize(limits.maxHeaderBytes())
        .setMaxChunkSize(64 * 1024)
        .setDecoderInitialBufferSize(1024)
        .setHttp2ClearTextEnabled(false)
        .setHandle100ContinueAutomatically(true)
        .setAcceptBacklog(4096);
  }

  @Override
  public Future<?> stop() {
    ExchangeLoop exchanges = loop;
    return exchanges == null ? Future.succeededFuture() : exchanges.close();
  }

  int port() {
    return port;
  }

  int connections() {
    return connections.size();
  }

  /** Ends what is still under way; may be called from any thread. */
  void cutAll() {
    context.runOnContext(
        v -> {
          ExchangeLoop exchanges = loop;
          if (exchanges != null) {
            exchanges.cutAll();
          }
        });
  }

  /** Closes connections without a request; may be called from any thread. */
  void closeIdle() {
    context.runOnContext(v -> connections.closeIdle());
  }

  /** An exception in here would leave the client without any answer: it becomes one. */
  private void handle(HttpServerRequest request) {
    try {
      route(request);
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "a fault of the router", e);
      if (request.response().headWritten()) {
        request.connection().close();
      } else if (!request.response().ended()) {
        reply(request).error(ErrorCode.INTERNAL_ERROR, "The router failed.");
      }
    }
  }

  private Reply reply(HttpServerRequest request) {
    return new Reply(
        new ServedClient(vertx, request, connections.channel(request.connection())),
        ids.of(request.getHeader("x-request-id")));
  }

  private void route(HttpServerRequest request) {
    HttpConnection connection = request.connection();
    connections.requestBegan(connection);
    request.response().endHandler(ended -> connections.requestEnded(connection));
    Reply reply = reply(request);
    if (server.mode() != ServingMode.SERVING) {
      reply.client().last();
    }
    String fault = Framing.fault(request);
    if (fault != null) {
      reply.client().last();
      refuse(reply, Endpoint.Dialect.OPENAI, ErrorCode.BAD_FRAMING, fault, -1);
      return;
    }
    String path = pathOf(request.uri());
    Endpoint endpoint = Endpoint.ofPath(path);
    if (endpoint == null) {
      server.pages().serve(request, reply, path);
    } else if (!request.method().equals(HttpMethod.POST)) {
      reply.client().field(HttpHeaders.ALLOW, "POST");
      refuse(
          reply,
          endpoint.dialect(),
          ErrorCode.METHOD_NOT_ALLOWED,
          "Only POST is understood on " + path + ".",
          -1);
    } else {
      exchange(request, reply, endpoint);
    }
  }

  private void exchange(HttpServerRequest request, Reply reply, Endpoint endpoint) {
    if (server.mode() == ServingMode.REFUSING) {
      refuse(
          reply,
          endpoint.dialect(),
          ErrorCode.SHUTTING_DOWN,
          "The router is shutting down.",
          1_000);
      return;
    }
    Access access = server.access().check(request.headers());
    if (!access.granted()) {
      refuse(reply, endpoint.dialect(), ErrorCode.INVALID_API_KEY, access.refusal(), -1);
      return;
    }
    String notReady = shared.fleet().notReady();
    if (notReady != null) {
      // Nobody knows yet which models there are: 404 would be final, and wrong.
      refuse(
          reply,
          endpoint.dialect(),
          ErrorCode.NO_WORKER_AVAILABLE,
          "The router is not ready: " + notReady + ".",
          1_000);
      return;
    }
    if (!shared.bounds().takeExchange()) {
      refuse(
          reply,
          endpoint.dialect(),
          ErrorCode.ROUTER_OVERLOADED,
          "The router has as many requests under way as it may.",
          1_000);
      return;
    }
    ExchangeLoop exchanges = loop;
    if (exchanges == null) {
      throw new IllegalStateException("not started");
    }
    new Exchange(exchanges, reply, endpoint, access.key()).start();
  }

  private void refuse(
      Reply reply,
      Endpoint.Dialect dialect,
      ErrorCode code,
      String message,
      long retryAfterMillis) {
    shared.meters().refused(code);
    reply.refuseUnread();
    reply.error(dialect, code, message, null, retryAfterMillis);
  }

  /** The target up to the query, as it was sent: nothing is decoded or normalised. */
  private static String pathOf(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }
}

package dev.headrace.router.exchange;

import dev.headrace.router.fleet.Worker;
import dev.headrace.worker.WorkerAddress;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The only way out to workers: one HTTP client for one event loop, because a shared one would move
 * most requests between loops. Never follows redirects, never decompresses, and goes where the
 * fleet says and nowhere else. Confined to its loop.
 *
 * <p>A full pool fails at once: who waits for whom is the dispatch's business. Idle connections are
 * let go before the engines' servers do it (5 s).
 */
final class WorkerClient {
  private static final int STREAMS_PER_WORKER = 1024;

  /** uvicorn (vLLM, SGLang, TensorRT-LLM) and llama-server close what was silent for 5 s. */
  private static final int KEEP_ALIVE_SECONDS = 4;

  private static final int MAX_LIFETIME_SECONDS = 300;

  /** What is known of an open connection. */
  private static final class Known {
    private boolean used;
    private @Nullable Runnable whenClosed;
  }

  private final HttpClient client;
  private final Map<HttpConnection, Known> connections = new HashMap<>();

  WorkerClient(Vertx vertx, Duration connectTimeout) {
    int connectMillis = (int) Math.min(Integer.MAX_VALUE, connectTimeout.toMillis());
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setConnectTimeout(connectMillis)
            .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
            .setMaxChunkSize(64 * 1024)
            .setDecoderInitialBufferSize(1024)
            .setMaxHeaderSize(16 * 1024);
    PoolOptions pool =
        new PoolOptions()
            .setHttp1MaxSize(STREAMS_PER_WORKER)
            .setMaxWaitQueueSize(0)
            .setMaxLifetime(MAX_LIFETIME_SECONDS)
            .setMaxLifetimeUnit(TimeUnit.SECONDS);
    client =
        vertx
            .httpClientBuilder()
            .with(options)
            .with(pool)
            .withConnectHandler(this::connected)
            .build();
  }

  private void connected(HttpConnection connection) {
    Known known = new Known();
    connections.put(connection, known);
    // A broken connection is told to the request that uses it; the framework need not log it too.
    connection.exceptionHandler(cause -> {});
    connection.closeHandler(
        closed -> {
          connections.remove(connection);
          Runnable whenClosed = known.whenClosed;
          if (whenClosed != null) {
            whenClosed.run();
          }
        });
  }

  Future<HttpClientRequest> post(Worker worker, String path, MultiMap headers) {
    WorkerAddress address = worker.spec().address();
    // Ours always; and with the brackets around IPv6 that the framework leaves out (5.0.12).
    headers.set(HttpHeaders.HOST, address.hostHeader());
    return client.request(
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(address.host())
            .setPort(address.port())
            .setSsl(address.tls())
            .setURI(address.basePath() + path)
            .setHeaders(headers));
  }

  /** Notes that a request uses the connection; true when it served one before. */
  boolean reuses(HttpConnection connection) {
    Known known = connections.get(connection);
    if (known == null) {
      return false;
    }
    boolean before = known.used;
    known.used = true;
    return before;
  }

  /** Calls back once when the connection is closed; at once when it is already. */
  void whenClosed(HttpConnection connection, Runnable action) {
    Known known = connections.get(connection);
    if (known == null) {
      action.run();
    } else {
      known.whenClosed = action;
    }
  }

  /** Open connections to workers. */
  int connections() {
    return connections.size();
  }

  Future<Void> close() {
    return client.close();
  }
}

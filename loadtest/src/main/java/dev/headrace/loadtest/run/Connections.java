package dev.headrace.loadtest.run;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * The connections of one event loop. The pool is as large as the number of unanswered requests, so
 * nothing ever queues inside the HTTP client where no clock would see it.
 *
 * <p>It knows which connections carried a request before: some servers close a connection after an
 * answer although they promised to keep it (llama.cpp does after a stream), and a request that was
 * sent into the closing must then be sent again, as every client library does. Confined to the
 * loop.
 */
final class Connections {
  /** Below the 5 s after which common model servers close an idle connection. */
  private static final int KEEP_ALIVE_SECONDS = 4;

  private final RequestOptions target;
  private final Set<HttpConnection> unused = Collections.newSetFromMap(new IdentityHashMap<>());
  private final HttpClient client;

  Connections(Vertx vertx, RequestOptions target, int places, int connectTimeoutMillis) {
    this.target = target;
    this.client =
        vertx
            .httpClientBuilder()
            .with(
                new HttpClientOptions()
                    .setConnectTimeout(connectTimeoutMillis)
                    .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                    .setDecoderInitialBufferSize(1024)
                    .setMaxChunkSize(64 << 10))
            .with(new PoolOptions().setHttp1MaxSize(places))
            .withConnectHandler(this::opened)
            .build();
  }

  Future<HttpClientRequest> request() {
    return client.request(target);
  }

  /** Whether the connection carried a request before; to be asked once for each request. */
  boolean reused(HttpConnection connection) {
    return !unused.remove(connection);
  }

  private void opened(HttpConnection connection) {
    unused.add(connection);
    connection.closeHandler(closed -> unused.remove(connection));
  }
}

package dev.headrace.loadtest.run;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server whose every time is known: head, then tokens at one cadence, then usage and the end. */
final class KnownAnswerServer {
  private final Vertx vertx;
  private final int headMillis;
  private final int tokens;
  private final int gapMillis;
  private final AtomicInteger served = new AtomicInteger();
  private final HttpServer server;
  volatile int failEvery = Integer.MAX_VALUE;
  volatile boolean closesAfterStream;
  volatile int truncateEvery = Integer.MAX_VALUE;

  /** Requests that come in this time after the start are answered only at its end. */
  volatile long frozenUntilNanos;

  KnownAnswerServer(Vertx vertx, int headMillis, int tokens, int gapMillis) {
    this.vertx = vertx;
    this.headMillis = headMillis;
    this.tokens = tokens;
    this.gapMillis = gapMillis;
    this.server = vertx.createHttpServer().requestHandler(this::handle);
  }

  Future<URI> start() {
    return server
        .listen(0, "127.0.0.1")
        .map(up -> URI.create("http://127.0.0.1:" + up.actualPort()));
  }

  void freeze(long afterMillis, long millis) {
    vertx.setTimer(
        afterMillis,
        go -> frozenUntilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
  }

  int served() {
    return served.get();
  }

  private void handle(HttpServerRequest request) {
    int number = served.incrementAndGet();
    request
        .body()
        .onSuccess(
            body -> {
              long frozen = (frozenUntilNanos - System.nanoTime()) / 1_000_000;
              vertx.setTimer(
                  Math.max(1, Math.max(frozen, headMillis)),
                  go -> answer(request, number, body.toString().contains("\"stream\":true")));
            });
  }

  private void answer(HttpServerRequest request, int number, boolean stream) {
    HttpServerResponse response = request.response();
    response.putHeader("x-sim-worker", number % 4 == 0 ? "slow" : "fast");
    if (number % failEvery == 0) {
      response.setStatusCode(503).end("{\"error\":{\"message\":\"full\"}}");
    } else if (stream) {
      response.putHeader("content-type", "text/event-stream").setChunked(true);
      token(request, tokens, number % truncateEvery == 0);
    } else {
      response
          .putHeader("content-type", "application/json")
          .end(
              "{\"choices\":[{\"message\":{\"content\":\"hi\"}}]," + USAGE.formatted(tokens) + "}");
    }
  }

  private void token(HttpServerRequest request, int left, boolean truncate) {
    HttpServerResponse response = request.response();
    if (response.closed()) {
      return;
    }
    if (left == 0) {
      response
          .end(
              truncate
                  ? ""
                  : "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"
                      + "data: {\"choices\":[],"
                      + USAGE.formatted(tokens)
                      + "}\n\ndata: [DONE]\n\n")
          .onSuccess(
              sent -> {
                if (closesAfterStream) {
                  request.connection().close();
                }
              });
      return;
    }
    response.write("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n");
    if (gapMillis == 0 || left == 1) {
      token(request, left - 1, truncate);
    } else {
      vertx.setTimer(gapMillis, next -> token(request, left - 1, truncate));
    }
  }

  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":%d,\"total_tokens\":99}";
}

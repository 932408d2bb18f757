package dev.headrace.worker.probe;

import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.probe.ProbeException.Fault;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One GET with one deadline for everything, from connecting to the last byte, and a bound on the
 * answer's size. Whatever ends it first ends it for good; an unfinished request is reset, so that
 * its connection is closed. Confined to one context.
 */
final class Question {

  /** A worker's answer: large enough for the metrics of any engine, small enough for a thousand. */
  static final int MAX_BODY_BYTES = 4 << 20;

  /** Status and body of an answer. */
  record Answer(int status, String body) {}

  private final Vertx vertx;
  private final Promise<Answer> promise = Promise.promise();
  private final Buffer body = Buffer.buffer();
  private final long timer;
  private @Nullable HttpClientRequest request;

  private Question(Vertx vertx, Duration timeout) {
    this.vertx = vertx;
    this.timer =
        vertx.setTimer(timeout.toMillis(), id -> fail(ConnectionFailure.timedOut(timeout)));
  }

  /** Asks; must be called on the context to which the exchange shall be confined. */
  static Future<Answer> ask(
      Vertx vertx,
      HttpClient client,
      Duration timeout,
      WorkerAddress address,
      String path,
      @Nullable String apiKey) {
    Question question = new Question(vertx, timeout);
    try {
      client
          .request(options(timeout, address, path, apiKey))
          .onSuccess(question::send)
          .onFailure(question::fail);
    } catch (RuntimeException e) { // a closed client and impossible options throw
      question.fail(e);
    }
    return question.promise.future();
  }

  private static RequestOptions options(
      Duration timeout, WorkerAddress address, String path, @Nullable String apiKey) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setSsl(address.tls())
            .setHost(address.host())
            .setPort(address.port())
            .setURI(address.basePath() + path)
            .setFollowRedirects(false)
            .setConnectTimeout(timeout.toMillis())
            // Vert.x 5.0.12 would write an IPv6 host without its brackets.
            .putHeader("Host", address.hostHeader())
            .putHeader("User-Agent", "headrace-probe");
    return apiKey == null ? options : options.putHeader("Authorization", "Bearer " + apiKey);
  }

  private void send(HttpClientRequest ready) {
    if (promise.future().isComplete()) {
      ready.reset();
      return;
    }
    request = ready;
    ready.exceptionHandler(this::fail);
    ready.send().onSuccess(this::receive).onFailure(this::fail);
  }

  private void receive(HttpClientResponse response) {
    response.exceptionHandler(this::fail);
    response.handler(
        chunk -> {
          if (body.length() + chunk.length() > MAX_BODY_BYTES) {
            fail(new ProbeException(Fault.UNREADABLE, "answered more than 4 MiB"));
          } else if (!promise.future().isComplete()) {
            body.appendBuffer(chunk);
          }
        });
    response.endHandler(
        end -> {
          Answer answer = new Answer(response.statusCode(), body.toString(StandardCharsets.UTF_8));
          if (promise.tryComplete(answer)) {
            vertx.cancelTimer(timer);
          }
        });
  }

  private void fail(Throwable cause) {
    if (promise.tryFail(cause)) {
      vertx.cancelTimer(timer);
      if (request != null) {
        request.reset();
      }
    }
  }
}

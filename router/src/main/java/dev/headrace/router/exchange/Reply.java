package dev.headrace.router.exchange;

import dev.headrace.router.error.ErrorBody;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.worker.Endpoint;
import dev.headrace.worker.Endpoint.Dialect;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of an answer: the head, the body, errors in the client's dialect. Nothing is
 * written after the answer ended or the client left. Confined to one event loop.
 */
public final class Reply {
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("retry-after");
  private static final CharSequence RETRY_AFTER_MS = HttpHeaders.createOptimized("retry-after-ms");
  private static final CharSequence SHOULD_RETRY = HttpHeaders.createOptimized("x-should-retry");
  private static final CharSequence ACCEL_BUFFERING =
      HttpHeaders.createOptimized("X-Accel-Buffering");
  private static final CharSequence NO = HttpHeaders.createOptimized("no");
  private static final CharSequence NO_CACHE = HttpHeaders.createOptimized("no-cache");
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence EVENT_STREAM =
      HttpHeaders.createOptimized("text/event-stream; charset=utf-8");

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final String requestId;
  private final Vertx vertx;
  private boolean last;
  private boolean begun;
  private boolean over;
  private long bytesOut;

  /**
   * SDKs ignore longer waits and come back too early, or obey them and hang: a person is told
   * instead.
   */
  private static final long LONGEST_RETRY_MILLIS = 60_000;

  private static final long WORTH_READING = 64 * 1024;

  /** How long a client that still sends may go on doing so after the last answer. */
  private static final long LINGER_MILLIS = 1_000;

  public Reply(Vertx vertx, HttpServerRequest request, String requestId) {
    this.vertx = vertx;
    this.request = request;
    this.response = request.response();
    this.requestId = requestId;
    response.putHeader(REQUEST_ID, requestId);
  }

  public String requestId() {
    return requestId;
  }

  /** Makes this the last answer on its connection. */
  public void lastOnConnection() {
    if (!begun) {
      last = true;
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  /** An error is answered before the body was read: what is left of it is not worth reading. */
  public void refuseUnread() {
    if (!request.isEnded()) {
      String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
      if (length != null
          ? !length.equals("0")
          : request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
        lastOnConnection();
      }
    }
  }

  /** A body of a told and small length: reading it past costs less than another connection. */
  static boolean worthReading(MultiMap requestHeaders) {
    long length = ForwardedHeaders.contentLength(requestHeaders);
    return length >= 0 && length <= WORTH_READING;
  }

  /** The head is decided (and written with the first bytes): no other status can be sent. */
  public boolean begun() {
    return begun;
  }

  public boolean over() {
    return over;
  }

  public long bytesOut() {
    return bytesOut;
  }

  public MultiMap headers() {
    return response.headers();
  }

  /** Is called once, just before the head is written, whatever the answer is. */
  void beforeHead(Runnable lastWords) {
    response.headersEndHandler(head -> lastWords.run());
  }

  /** Begins an event stream. */
  public void beginStream() {
    begun = true;
    response
        .setStatusCode(200)
        .putHeader(HttpHeaders.CONTENT_TYPE, EVENT_STREAM)
        .putHeader(HttpHeaders.CACHE_CONTROL, NO_CACHE)
        .putHeader(ACCEL_BUFFERING, NO)
        .setChunked(true);
  }

  /** Begins an answer of another kind; {@code length} is -1 when it is not known. */
  public void begin(int status, long length) {
    begun = true;
    response.setStatusCode(status);
    if (length >= 0) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
    } else {
      response.setChunked(true);
    }
  }

  public void write(Buffer bytes) {
    if (!over) {
      bytesOut += bytes.length();
      response.write(bytes);
    }
  }

  public boolean isFull() {
    return !over && response.writeQueueFull();
  }

  public void onDrain(Handler<Void> handler) {
    if (!over) {
      response.drainHandler(handler);
    }
  }

  /** The proper end, with the last bytes if there are any. */
  public void end(@Nullable Buffer bytes) {
    if (over) {
      return;
    }
    over = true;
    if (bytes == null) {
      closeAfter(response.end());
    } else {
      bytesOut += bytes.length();
      closeAfter(response.end(bytes));
    }
  }

  /**
   * Closing while the client still sends would reset the connection, and the answer could be lost
   * on its way: what it sends is read and thrown away for a moment.
   */
  private void closeAfter(Future<Void> written) {
    if (!last) {
      return;
    }
    HttpConnection connection = request.connection();
    written.onComplete(
        done -> {
          if (request.isEnded()) {
            connection.close();
          } else {
            vertx.setTimer(LINGER_MILLIS, timer -> connection.close());
          }
        });
  }

  /**
   * The last event of a stream that failed. The body's framing ends properly and the connection
   * stays: it is sound, only the stream is not, and the event says so. Closing it here would take
   * the next request of a client that has already sent it with it.
   */
  public void endStreamWith(Buffer event) {
    end(event);
  }

  /** Breaks off an answer that cannot say in-band that it failed. */
  public void abort() {
    if (!over) {
      over = true;
      request.connection().close();
    }
  }

  /** The client has left: nothing is written any more. */
  public void gone() {
    over = true;
  }

  /** A whole answer with a body in the dialect's form. */
  public void error(
      Endpoint.Dialect dialect,
      ErrorCode code,
      String message,
      @Nullable String param,
      long retryAfterMillis) {
    retryHeaders(code, retryAfterMillis);
    json(code.status(), ErrorBody.render(dialect, code, message, param, requestId).toBuffer());
  }

  /** As {@link #error}, where no endpoint's dialect applies. */
  public void error(ErrorCode code, String message) {
    error(Dialect.OPENAI, code, message, null, -1);
  }

  /** As {@link #error}, with a body that is rendered already. */
  void error(ErrorCode code, int status, String body, long retryAfterMillis) {
    retryHeaders(code, retryAfterMillis);
    json(status, Buffer.buffer(body));
  }

  /** A whole JSON answer. */
  public void json(int status, Buffer body) {
    if (over) {
      return;
    }
    over = true;
    begun = true;
    bytesOut += body.length();
    closeAfter(response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, JSON).end(body));
  }

  /**
   * {@code retry-after} counts in whole seconds, {@code retry-after-ms} says the same exactly; what
   * already cost a worker's time is not to be repeated by an SDK on its own.
   */
  private void retryHeaders(ErrorCode code, long retryAfterMillis) {
    if (retryAfterMillis >= 0) {
      response.putHeader(RETRY_AFTER, Long.toString(Math.max(1, (retryAfterMillis + 999) / 1000)));
      response.putHeader(RETRY_AFTER_MS, Long.toString(retryAfterMillis));
    }
    switch (code) {
      case IDLE_TIMEOUT, TOTAL_TIMEOUT, STREAM_TRUNCATED ->
          response.putHeader(SHOULD_RETRY, "false");
      case RATE_LIMIT_EXCEEDED ->
          response.putHeader(
              SHOULD_RETRY, retryAfterMillis <= LONGEST_RETRY_MILLIS ? "true" : "false");
      case NO_CAPACITY,
          QUEUE_FULL,
          QUEUE_TIMEOUT,
          NO_WORKER_AVAILABLE,
          ROUTER_OVERLOADED,
          SHUTTING_DOWN ->
          response.putHeader(SHOULD_RETRY, "true");
      default -> {}
    }
  }
}

package dev.headrace.router.exchange;

import dev.headrace.router.error.ErrorBody;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.limit.LimitRefusal;
import dev.headrace.router.wire.ClientSide;
import dev.headrace.worker.Endpoint.Dialect;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What the router itself says to a client: heads of streams, errors in the client's dialect, pages.
 * Confined to one event loop.
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

  /**
   * SDKs ignore longer waits and come back too early, or obey them and hang: a person is told
   * instead.
   */
  private static final long LONGEST_RETRY_MILLIS = 60_000;

  /** Reading a body of this size past costs less than another connection [bytes]. */
  private static final long WORTH_READING = 64 * 1024;

  private final ClientSide client;
  private final String requestId;

  public Reply(ClientSide client, String requestId) {
    this.client = client;
    this.requestId = requestId;
    client.field(REQUEST_ID, requestId);
  }

  public String requestId() {
    return requestId;
  }

  public ClientSide client() {
    return client;
  }

  /**
   * An error is answered before the body was read. What is left of it is read past if it is known
   * to be small, else the connection is not worth keeping.
   */
  public void refuseUnread() {
    if (client.bodyEnded()) {
      return;
    }
    long length = ForwardedHeaders.contentLength(client);
    boolean none = length < 0 && client.header(HttpHeaders.TRANSFER_ENCODING) == null;
    if (!none && (length < 0 || length > WORTH_READING)) {
      client.last();
    }
  }

  /** Begins an event stream. */
  void beginStream() {
    client.field(HttpHeaders.CONTENT_TYPE, EVENT_STREAM);
    client.field(HttpHeaders.CACHE_CONTROL, NO_CACHE);
    client.field(ACCEL_BUFFERING, NO);
    client.begin(200, -1);
  }

  /** A whole answer with a body in the dialect's form. */
  public void error(
      Dialect dialect,
      ErrorCode code,
      String message,
      @Nullable String param,
      long retryAfterMillis) {
    String body = ErrorBody.render(dialect, code, message, param, requestId).encode();
    error(code, code.status(), body, retryAfterMillis);
  }

  /** As above, where no endpoint's dialect applies. */
  public void error(ErrorCode code, String message) {
    error(Dialect.OPENAI, code, message, null, -1);
  }

  /** As above, with a body that is rendered already. */
  void error(ErrorCode code, int status, String body, long retryAfterMillis) {
    retryHeaders(code, retryAfterMillis);
    json(status, body);
  }

  /** The key's limit is reached; nothing of an answer went out yet. */
  void limited(Dialect dialect, LimitRefusal refusal) {
    ErrorCode code = ErrorCode.RATE_LIMIT_EXCEEDED;
    JsonObject body =
        dialect == Dialect.OPENAI
            ? ErrorBody.openai(refusal.message(), refusal.kind().label(), null, code.code())
            : ErrorBody.render(dialect, code, refusal.message(), null, requestId);
    error(code, code.status(), body.encode(), refusal.waitMillis());
  }

  /** A whole JSON answer. */
  public void json(int status, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    client.field(HttpHeaders.CONTENT_TYPE, JSON);
    client.begin(status, bytes.length);
    client.write(bytes, 0, bytes.length);
    client.end();
  }

  /**
   * {@code retry-after} counts in whole seconds, {@code retry-after-ms} says the same exactly; what
   * already cost a worker's time is not to be repeated by an SDK on its own.
   */
  private void retryHeaders(ErrorCode code, long retryAfterMillis) {
    if (retryAfterMillis >= 0) {
      client.field(RETRY_AFTER, Long.toString(Math.max(1, (retryAfterMillis + 999) / 1000)));
      client.field(RETRY_AFTER_MS, Long.toString(retryAfterMillis));
    }
    switch (code) {
      case IDLE_TIMEOUT, TOTAL_TIMEOUT, STREAM_TRUNCATED -> client.field(SHOULD_RETRY, "false");
      case RATE_LIMIT_EXCEEDED ->
          client.field(SHOULD_RETRY, retryAfterMillis <= LONGEST_RETRY_MILLIS ? "true" : "false");
      case NO_CAPACITY,
          QUEUE_FULL,
          QUEUE_TIMEOUT,
          NO_WORKER_AVAILABLE,
          ROUTER_OVERLOADED,
          SHUTTING_DOWN ->
          client.field(SHOULD_RETRY, "true");
      default -> {}
    }
  }
}

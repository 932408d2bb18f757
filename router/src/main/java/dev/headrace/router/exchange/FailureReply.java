package dev.headrace.router.exchange;

import dev.headrace.router.error.ErrorBody;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.limit.LimitRefusal;
import dev.headrace.worker.Endpoint;
import dev.headrace.worker.Endpoint.Dialect;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Tells a client that its request failed, in the best way that is still open: a proper status while
 * no head is decided, an error event inside a stream, a broken connection for a body that cannot
 * say it. Confined to one event loop.
 */
final class FailureReply {
  private final Reply reply;
  private final Endpoint endpoint;

  FailureReply(Reply reply, Endpoint endpoint) {
    this.reply = reply;
    this.endpoint = endpoint;
  }

  /**
   * The router's own error.
   *
   * @param stream the client is reading an event stream
   * @param current the attempt whose frames went out, or null
   */
  void own(
      ErrorCode code,
      String message,
      @Nullable String param,
      long retryAfterMillis,
      boolean stream,
      @Nullable Attempt current) {
    if (!reply.begun()) {
      reply.error(endpoint.dialect(), code, message, param, retryAfterMillis);
    } else if (stream) {
      Buffer event =
          StreamErrors.event(endpoint, code, message, reply.requestId(), frames(current));
      boolean inside = current != null && current.insideFrame();
      reply.endStreamWith(inside ? Buffer.buffer("\n\n").appendBuffer(event) : event);
    } else {
      reply.abort();
    }
  }

  /** The key's limit is reached; nothing of an answer went out yet. */
  void limited(LimitRefusal refusal) {
    ErrorCode code = ErrorCode.RATE_LIMIT_EXCEEDED;
    JsonObject body =
        endpoint.dialect() == Dialect.OPENAI
            ? ErrorBody.openai(refusal.message(), refusal.kind().label(), null, code.code())
            : ErrorBody.render(
                endpoint.dialect(), code, refusal.message(), null, reply.requestId());
    reply.error(code, code.status(), body.encode(), refusal.waitMillis());
  }

  /** What a worker told. */
  void worker(WorkerErrors.Answer answer, @Nullable Attempt current) {
    if (reply.begun()) {
      reply.endStreamWith(StreamErrors.event(endpoint, answer, reply.requestId(), frames(current)));
    } else {
      reply.error(answer.code(), answer.status(), answer.body(), answer.retryAfterMillis());
    }
  }

  private static int frames(@Nullable Attempt current) {
    return current == null ? 0 : current.frames();
  }
}

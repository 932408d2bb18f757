package dev.headrace.router.exchange;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.wire.ClientSide;
import dev.headrace.worker.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Tells a client that its request failed, in the best way that is still open: a proper status while
 * nothing went out, an error event inside a stream, a broken connection for a body that cannot say
 * it. Confined to one event loop.
 */
final class LastWords {
  private static final byte[] FRAME_END = StreamErrors.bytes("\n\n");

  private final Reply reply;
  private final ClientSide client;
  private final Endpoint endpoint;
  private final Tally tally;

  LastWords(Reply reply, Endpoint endpoint, Tally tally) {
    this.reply = reply;
    this.client = reply.client();
    this.endpoint = endpoint;
    this.tally = tally;
  }

  /**
   * The router's own error.
   *
   * @param last the attempt whose frames went out, or null
   */
  void own(
      ErrorCode code,
      String message,
      @Nullable String param,
      long retryAfterMillis,
      @Nullable Attempt last) {
    if (!client.begun()) {
      reply.error(endpoint.dialect(), code, message, param, retryAfterMillis);
    } else if (tally.streaming()) {
      if (last != null && last.insideFrame()) {
        client.write(FRAME_END, 0, FRAME_END.length);
      }
      event(StreamErrors.event(endpoint, code, message, reply.requestId(), frames(last)));
    } else {
      client.abort();
    }
  }

  /** What a worker told. */
  void worker(WorkerErrors.Answer told, @Nullable Attempt last) {
    if (!client.begun()) {
      reply.error(told.code(), told.status(), told.body(), told.retryAfterMillis());
    } else if (tally.streaming()) {
      event(StreamErrors.event(endpoint, told, reply.requestId(), frames(last)));
    } else {
      client.abort();
    }
  }

  /**
   * The body's framing ends properly and the connection stays: it is sound, only the stream is not,
   * and the event says so. Closing it here would take the next request of a client that has already
   * sent it with it.
   */
  private void event(byte[] event) {
    client.write(event, 0, event.length);
    client.end();
  }

  private static int frames(@Nullable Attempt last) {
    return last == null ? 0 : last.frames();
  }
}

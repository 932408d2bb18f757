package dev.headrace.router.wire;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * A request to a worker.
 *
 * @param path the target, from its first slash on
 * @param fields header lines, but {@code Host} and {@code Content-Length}, which the wire writes
 * @param body the pieces of its body in order, in memory that needs no release; they are read from
 *     their own positions and not changed, so that the request can be sent again
 * @param stream an event stream is asked for
 */
public record Outgoing(String path, Fields fields, List<ByteBuf> body, boolean stream) {

  /** Bytes of the body. */
  long length() {
    long sum = 0;
    for (ByteBuf piece : body) {
      sum += piece.readableBytes();
    }
    return sum;
  }
}

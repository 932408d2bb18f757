package dev.headrace.worker.sim;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.SplittableRandom;

/** Writes to a response the way the faults want it. Confined to the worker's event loop. */
final class FaultyOutput {
  private final HttpServerResponse response;
  private final SimFaults faults;
  private final SplittableRandom random;

  FaultyOutput(HttpServerResponse response, SimFaults faults, SplittableRandom random) {
    this.response = response;
    this.faults = faults;
    this.random = random;
  }

  /** Writes bytes of an event stream: each call, or each piece of it, is one HTTP chunk. */
  void write(Buffer bytes) {
    Buffer lines = faults.crlf() ? crlf(bytes) : bytes;
    if (faults.splitBytes() == 0) {
      response.write(lines);
      return;
    }
    int at = 0;
    while (at < lines.length()) {
      int size =
          faults.splitRandom() ? 1 + random.nextInt(faults.splitBytes()) : faults.splitBytes();
      int end = Math.min(lines.length(), at + size);
      response.write(lines.slice(at, end));
      at = end;
    }
  }

  private static Buffer crlf(Buffer bytes) {
    Buffer lines = Buffer.buffer(bytes.length() + 16);
    for (int i = 0; i < bytes.length(); i++) {
      byte b = bytes.getByte(i);
      if (b == '\n') {
        lines.appendByte((byte) '\r');
      }
      lines.appendByte(b);
    }
    return lines;
  }

  /**
   * Cuts a connection with a TCP reset, as a killed process with unread data does. Vert.x has no
   * public way to set the linger time of one accepted connection, hence its internal interface.
   */
  static void reset(HttpConnection connection) {
    ChannelHandlerContext context = ((HttpServerConnection) connection).channelHandlerContext();
    // What was written before must be on the wire first, or the reset would overtake it.
    ChannelFuture flushed = context.writeAndFlush(Unpooled.EMPTY_BUFFER);
    flushed.addListener(
        written -> context.channel().config().setOption(ChannelOption.SO_LINGER, 0));
    flushed.addListener(ChannelFutureListener.CLOSE);
  }
}

package dev.headrace.router.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import org.jspecify.annotations.Nullable;

/**
 * The bare channel of one HTTP/1.1 client under the framework's parser: bytes of an answer that is
 * under way are written here and pass neither its queue nor its encoder. It also sees when the
 * first byte of a request arrives, which the framework tells only with the whole head. Confined to
 * one event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel, which is heard
public final class ClientChannel extends ChannelInboundHandlerAdapter {
  private static final String DECODER = "httpDecoder";

  private final RequestTurns turns = new RequestTurns();
  private @Nullable ChannelHandlerContext context;
  private @Nullable Runnable onWritable;
  private int requests;
  private long headNanos;

  private ClientChannel() {}

  /** Takes hold of a connection that was just opened; null when it does not speak HTTP/1.1. */
  public static @Nullable ClientChannel of(HttpConnection connection) {
    if (connection instanceof HttpServerConnection framework) {
      ChannelPipeline pipeline = framework.channelHandlerContext().pipeline();
      if (pipeline.get(DECODER) != null) {
        ClientChannel channel = new ClientChannel();
        pipeline.addBefore(DECODER, "headrace", channel);
        pipeline.addBefore(
            framework.channelHandlerContext().name(), "headrace-turns", channel.turns);
        return channel;
      }
    }
    return null;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (requests == 0 && headNanos == 0) {
      headNanos = System.nanoTime();
    }
    ctx.fireChannelRead(message);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ctx.fireChannelWritabilityChanged();
    Runnable waiting = onWritable;
    if (waiting != null && ctx.channel().isWritable()) {
      waiting.run();
    }
  }

  /** A request's head is there. */
  public void requestBegan() {
    requests++;
    headNanos = 0;
  }

  /** Its answer has ended. */
  public void requestEnded() {
    requests--;
    onWritable = null;
    turns.next();
  }

  /** The answer under way is the last one: nothing that comes after it is a request. */
  void last() {
    turns.last();
  }

  /** When the first byte of a head came that is not complete, monotonic; 0 when there is none. */
  public long headNanos() {
    return headNanos;
  }

  boolean writable() {
    return context().channel().isWritable();
  }

  void whenWritable(Runnable action) {
    onWritable = action;
  }

  void write(ByteBuf bytes) {
    ChannelHandlerContext ctx = context();
    ctx.write(bytes, ctx.voidPromise());
  }

  void flush() {
    context().flush();
  }

  ByteBuf buffer(int size) {
    return context().alloc().buffer(size);
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }
}

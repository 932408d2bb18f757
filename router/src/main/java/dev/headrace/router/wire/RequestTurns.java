package dev.headrace.router.wire;

import io.netty.buffer.ByteBufHolder;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Lets the framework have one request of a connection at a time. What a client sends behind a
 * request whose answer is not out waits here. Once that is {@value #MOST} bytes nothing more is
 * read; while it is less, reading goes on, since without it NIO does not tell that a client left.
 * The framework would hold such requests itself, and forget to release them when the client leaves
 * (Vert.x 5.0.12). Behind a last answer nothing is a request. Confined to one event loop.
 */
final class RequestTurns extends ChannelInboundHandlerAdapter {
  /** Bytes that may wait before reading stops; each message counts as a few at least. */
  private static final int MOST = 64 * 1024;

  private static final int LEAST_SIZE = 512;

  private final Queue<Object> held = new ArrayDeque<>();
  private int heldBytes;
  private @Nullable ChannelHandlerContext context;
  private boolean busy;
  private boolean last;
  private boolean deaf;

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    boolean request = message instanceof HttpRequest;
    if (deaf || (request && last)) {
      deaf = true;
      ReferenceCountUtil.release(message);
    } else if (!held.isEmpty() || (request && busy)) {
      held.add(message);
      heldBytes += size(message);
      if (heldBytes > MOST) {
        ctx.channel().config().setAutoRead(false);
      }
    } else {
      busy |= request;
      ctx.fireChannelRead(message);
    }
  }

  /** The answer of the present request is the last on the connection. */
  void last() {
    last = true;
  }

  /** The present request's answer is out. */
  void next() {
    busy = false;
    ChannelHandlerContext ctx = context;
    if (ctx != null && !held.isEmpty()) {
      // Not inside of the end of the answer before.
      ctx.executor().execute(() -> goOn(ctx));
    }
  }

  private void goOn(ChannelHandlerContext ctx) {
    if (last) {
      deaf = true;
      letGo();
    }
    Object message;
    while ((message = held.peek()) != null && !(busy && message instanceof HttpRequest)) {
      held.remove();
      heldBytes -= size(message);
      busy |= message instanceof HttpRequest;
      ctx.fireChannelRead(message);
    }
    ctx.fireChannelReadComplete();
    if (heldBytes <= MOST) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  private static int size(Object message) {
    return LEAST_SIZE
        + (message instanceof ByteBufHolder holder ? holder.content().readableBytes() : 0);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    letGo();
    ctx.fireChannelInactive();
  }

  private void letGo() {
    held.forEach(ReferenceCountUtil::release);
    held.clear();
    heldBytes = 0;
  }
}

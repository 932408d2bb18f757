package dev.headrace.router.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a worker, of which one call at a time has the use.
 *
 * <pre>
 * IDLE ─▶ BUSY ─▶ IDLE …    after an answer, if neither side wants to close
 *   └───────┴───▶ CLOSED
 * </pre>
 *
 * What the worker says or does while it is idle closes it. A request's body is written as fast as
 * the worker takes it, 64 KiB ahead at most; an answer that comes before its end is read all the
 * same, and if writing fails, what the worker said before is still read. Confined to one event
 * loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // failures are heard as exceptions and closes
final class WorkerConnection extends ChannelInboundHandlerAdapter implements AnswerReader.Sink {
  /** Pieces of a body are handed to the socket in portions of this size. */
  private static final int PORTION = 32 * 1024;

  /** A body up to this size goes into the same buffer as the head. */
  private static final int SMALL = 8 * 1024;

  private static final int TIMED_OUT = 408;

  private final WorkerPool pool;
  private final WorkerPool.Host host;
  private final AnswerReader.Scratch scratch;
  private final long openedNanos;
  private final List<Runnable> whenClosed = new ArrayList<>(1);
  private @Nullable ChannelHandlerContext context;
  private @Nullable WorkerCall call;
  private @Nullable AnswerReader reader;
  private List<ByteBuf> unwritten = List.of();
  private int piece;
  private int pieceAt;
  private boolean ended;
  private boolean closed;
  private @Nullable Throwable cause;
  private boolean closing;
  private boolean kept;
  private int served;
  private boolean stream;
  private boolean afterStream;
  private long idleSince;
  private long sentNanos;

  WorkerConnection(
      WorkerPool pool, WorkerPool.Host host, AnswerReader.Scratch scratch, long nowNanos) {
    this.pool = pool;
    this.host = host;
    this.scratch = scratch;
    this.openedNanos = nowNanos;
    this.idleSince = nowNanos;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    // A worker may answer early and close while the request is still being written: its answer
    // must not be lost to the failed write.
    added.channel().config().setAutoClose(false);
  }

  WorkerPool.Host host() {
    return host;
  }

  long openedNanos() {
    return openedNanos;
  }

  long idleSince() {
    return idleSince;
  }

  /** It waits for its next request from now on. */
  void rest(long nowNanos) {
    kept = true;
    idleSince = nowNanos;
    context().channel().config().setAutoRead(true);
  }

  boolean open() {
    return !closed && context().channel().isActive();
  }

  /** Sends a request; the connection must be idle. */
  void send(WorkerCall next, Outgoing request, String target, String hostHeader) {
    call = next;
    reader = new AnswerReader(scratch);
    ended = false;
    stream = request.stream();
    sentNanos = pool.now();
    ChannelHandlerContext ctx = context();
    long length = request.length();
    int room = length <= SMALL ? (int) length : 0;
    ByteBuf head =
        RequestHead.write(ctx.alloc(), target, hostHeader, request.fields(), length, room);
    if (length <= SMALL) {
      for (ByteBuf bytes : request.body()) {
        head.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
      }
    } else {
      unwritten = request.body();
      piece = 0;
      pieceAt = 0;
    }
    ctx.write(head, ctx.voidPromise());
    pump(ctx);
    ctx.flush();
  }

  /** Hands on what the socket takes. */
  private void pump(ChannelHandlerContext ctx) {
    while (piece < unwritten.size() && ctx.channel().isWritable()) {
      ByteBuf bytes = unwritten.get(piece);
      int size = Math.min(PORTION, bytes.readableBytes() - pieceAt);
      if (size > 0) {
        ctx.write(bytes.retainedSlice(bytes.readerIndex() + pieceAt, size), ctx.voidPromise());
      }
      pieceAt += size;
      if (pieceAt == bytes.readableBytes()) {
        piece++;
        pieceAt = 0;
      }
    }
    if (piece == unwritten.size()) {
      unwritten = List.of();
      piece = 0;
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!unwritten.isEmpty() && ctx.channel().isWritable()) {
      pump(ctx);
      ctx.flush();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    try {
      AnswerReader reading = reader;
      if (reading == null || call == null) {
        // Nobody asked: neither this nor what follows can be trusted.
        close();
        return;
      }
      reading.read(bytes, this);
      if (ended) {
        finish(!bytes.isReadable() && reading.keepAlive());
      }
    } catch (AnswerReader.Malformed e) {
      fail(Answered.Failure.BROKEN, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      fault(e);
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    WorkerCall current = call;
    if (current != null) {
      try {
        current.answered().readComplete();
      } catch (RuntimeException e) {
        fault(e);
      }
    }
  }

  @Override
  public void head(int status, Fields fields, boolean chunked) {
    if (kept && status == TIMED_OUT && fields.says("connection", "close")) {
      timedOut();
      return;
    }
    host.traits().told(fields.get("keep-alive"));
    if (served > 0) {
      host.traits().servedOn(served, afterStream);
    }
    WorkerCall current = call;
    if (current != null) {
      current.begun();
      current.answered().head(status, fields, chunked);
    }
  }

  /** The worker says that it waited too long, and means the time before this request. */
  private void timedOut() {
    WorkerCall current = call;
    letGo();
    close();
    if (current != null) {
      current.startAgain();
    }
  }

  @Override
  public void content(byte[] bytes, int length, ByteBuf read, int from, int to) {
    WorkerCall current = call;
    if (current != null) {
      current.answered().content(bytes, length, read, from, to);
    }
  }

  @Override
  public void ended() {
    ended = true;
  }

  /** The answer is whole: the connection goes back before anybody is told. */
  private void finish(boolean keep) {
    WorkerCall current = call;
    served++;
    afterStream = stream;
    boolean written = unwritten.isEmpty();
    letGo();
    if (keep && written && open() && host.traits().keeps(served, stream)) {
      pool.idle(this);
    } else {
      close();
    }
    if (current != null) {
      try {
        current.answered().ended();
      } catch (RuntimeException e) {
        current.answered().faulted(e);
      }
    }
  }

  private void fail(Answered.Failure failure, String detail) {
    WorkerCall current = call;
    letGo();
    close();
    if (current != null) {
      try {
        current.answered().failed(failure, detail);
      } catch (RuntimeException e) {
        current.answered().faulted(e);
      }
    }
  }

  private void fault(RuntimeException fault) {
    WorkerCall current = call;
    letGo();
    close();
    if (current != null) {
      current.answered().faulted(fault);
    }
  }

  private void letGo() {
    call = null;
    reader = null;
    unwritten = List.of();
    piece = 0;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable thrown) {
    // A failed write may leave an answer to be read; the end of reading closes the channel.
    cause = thrown;
    if (!(thrown instanceof IOException)) {
      ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed = true;
    pool.closed(this);
    WorkerCall current = call;
    AnswerReader reading = reader;
    if (current == null || reading == null) {
      if (!closing && served > 0) {
        host.traits().closedByWorker(pool.now() - idleSince, served, afterStream);
      }
    } else if (reading.closed()) {
      finish(false);
    } else if (reading.begun()) {
      fail(Answered.Failure.BROKEN, "the connection broke" + reason());
    } else if (kept) {
      // It was closing when it was taken; a worker that dies later says nothing of its habits.
      if (served > 0 && pool.now() - sentNanos < ConnectionTraits.AT_ONCE) {
        host.traits().closedByWorker(sentNanos - idleSince, served, afterStream);
      }
      letGo();
      current.startAgain();
    } else {
      fail(Answered.Failure.CLOSED, "the connection closed before an answer" + reason());
    }
    for (Runnable action : whenClosed) {
      action.run();
    }
    whenClosed.clear();
    ctx.fireChannelInactive();
  }

  private String reason() {
    Throwable why = cause;
    return why == null ? "" : ": " + why.getMessage();
  }

  void read(WorkerCall by, boolean wanted) {
    if (call == by) {
      context().channel().config().setAutoRead(wanted);
    }
  }

  /**
   * The call is given up: the worker is told by the only word that HTTP/1.1 has for it. Does
   * nothing when the connection serves another call by now.
   */
  void abandon(WorkerCall by, @Nullable Runnable action) {
    if (call != by) {
      return;
    }
    letGo();
    if (action != null) {
      if (closed) {
        action.run();
      } else {
        whenClosed.add(action);
      }
    }
    close();
  }

  void close() {
    if (!closed) {
      closing = true;
      context().close();
    }
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not connected");
    }
    return ctx;
  }
}

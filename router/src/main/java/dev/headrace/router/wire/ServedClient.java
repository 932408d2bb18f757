package dev.headrace.router.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client behind the framework's HTTP server. The framework parses, and writes heads and ends; the
 * bytes between them go to the {@link ClientChannel} as they are when the client speaks HTTP/1.1,
 * and through the framework, as copies, when it does not or when an earlier answer still waits in
 * its queue.
 *
 * <p>What is written before the first {@link #flush} goes out in one piece with the head: an answer
 * that came as a whole costs one write.
 */
public final class ServedClient implements ClientSide {
  /** How long a client that still sends may go on doing so after the last answer. */
  private static final long LINGER_MILLIS = 1_000;

  /** Content that waits for the head is not more than this [bytes]. */
  private static final int MOST_GATHERED = 64 * 1024;

  private static final byte[] CRLF = "\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Vertx vertx;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final @Nullable ClientChannel channel;
  private @Nullable Buffer first;
  private boolean direct;
  private boolean chunked;
  private boolean begun;
  private boolean headOut;
  private boolean over;
  private boolean last;
  private long bytesOut;

  /**
   * @param channel of the request's connection, or null when it does not speak HTTP/1.1
   */
  public ServedClient(Vertx vertx, HttpServerRequest request, @Nullable ClientChannel channel) {
    this.vertx = vertx;
    this.request = request;
    this.response = request.response();
    this.channel = channel;
  }

  @Override
  public void listen(Listener listener) {
    response.exceptionHandler(cause -> gone(listener));
    response.closeHandler(closed -> gone(listener));
    request.exceptionHandler(cause -> gone(listener));
    request.handler(
        buffer -> {
          ByteBuf bytes = ((BufferInternal) buffer).getByteBuf();
          byte[] array =
              bytes.hasArray() ? bytes.array() : ByteBufUtil.getBytes(bytes, 0, bytes.capacity());
          int from = (bytes.hasArray() ? bytes.arrayOffset() : 0) + bytes.readerIndex();
          guarded(listener, () -> listener.body(array, from, from + bytes.readableBytes()));
        });
    request.endHandler(end -> guarded(listener, listener::bodyEnded));
    Runnable drained = () -> guarded(listener, listener::drained);
    response.drainHandler(free -> drained.run());
    if (channel != null) {
      channel.whenWritable(drained);
    }
  }

  private void gone(Listener listener) {
    if (!over) {
      over = true;
      guarded(listener, listener::gone);
    }
  }

  private static void guarded(Listener listener, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      listener.faulted(e);
    }
  }

  @Override
  public @Nullable String header(CharSequence name) {
    return request.headers().get(name);
  }

  @Override
  public List<String> headers(CharSequence name) {
    return request.headers().getAll(name);
  }

  @Override
  public boolean bodyEnded() {
    return request.isEnded();
  }

  @Override
  public void field(CharSequence name, CharSequence value) {
    response.putHeader(name, value);
  }

  @Override
  public void beforeHead(Runnable lastWords) {
    response.headersEndHandler(head -> lastWords.run());
  }

  @Override
  public void last() {
    if (!headOut) {
      last = true;
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      if (channel != null) {
        channel.last();
      }
    }
  }

  @Override
  public boolean begun() {
    return begun;
  }

  @Override
  public boolean over() {
    return over;
  }

  @Override
  public void begin(int status, long length) {
    begun = true;
    response.setStatusCode(status);
    if (length >= 0) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
    } else {
      chunked = true;
    }
  }

  @Override
  public void write(byte[] bytes, int from, int to) {
    int size = to - from;
    if (over || size == 0) {
      return;
    }
    bytesOut += size;
    if (!headOut) {
      gather(size).appendBytes(bytes, from, size);
      if (gather(0).length() >= MOST_GATHERED) {
        flush();
      }
    } else if (!direct) {
      response.write(Buffer.buffer(size).appendBytes(bytes, from, size));
    } else {
      ByteBuf framed = channel().buffer(size + 20);
      frame(framed, size);
      framed.writeBytes(bytes, from, size);
      endFrame(framed);
      channel().write(framed);
    }
  }

  @Override
  public void write(ByteBuf content) {
    if (over || !direct) {
      byte[] bytes = ByteBufUtil.getBytes(content);
      content.release();
      write(bytes, 0, bytes.length);
      return;
    }
    int size = content.readableBytes();
    bytesOut += size;
    if (chunked) {
      ByteBuf head = channel().buffer(20);
      frame(head, size);
      channel().write(head);
      channel().write(content);
      channel().write(Unpooled.wrappedBuffer(CRLF));
    } else {
      channel().write(content);
    }
  }

  private void frame(ByteBuf out, int size) {
    if (chunked) {
      out.writeCharSequence(Integer.toHexString(size), StandardCharsets.US_ASCII);
      out.writeBytes(CRLF);
    }
  }

  private void endFrame(ByteBuf out) {
    if (chunked) {
      out.writeBytes(CRLF);
    }
  }

  private Buffer gather(int size) {
    Buffer gathered = first;
    if (gathered == null) {
      gathered = Buffer.buffer(size);
      first = gathered;
    }
    return gathered;
  }

  @Override
  public boolean takesChunks() {
    return direct && chunked && !over;
  }

  @Override
  public void writeChunks(ByteBuf chunks, int contentLength) {
    bytesOut += contentLength;
    channel().write(chunks);
  }

  @Override
  public void flush() {
    if (over || !begun) {
      return;
    }
    if (!headOut) {
      Buffer gathered = first;
      if (gathered != null) {
        first = null;
        writeHead(gathered);
      }
    } else if (direct) {
      channel().flush();
    }
  }

  /**
   * The first bytes go out with the head. From here on the channel is used if nothing of an earlier
   * answer can still be in the framework's queue.
   */
  private void writeHead(Buffer gathered) {
    if (chunked) {
      response.setChunked(true);
    }
    direct =
        channel != null
            && request.version() == HttpVersion.HTTP_1_1
            && channel.writable()
            && !response.writeQueueFull();
    headOut = true;
    response.write(gathered);
  }

  @Override
  public boolean full() {
    if (over || !headOut) {
      return false;
    }
    return direct ? !channel().writable() : response.writeQueueFull();
  }

  @Override
  public void end() {
    if (over) {
      return;
    }
    over = true;
    headOut = true;
    Buffer gathered = first;
    first = null;
    if (direct) {
      // What was not flushed may be more than the framework lets its end go behind.
      channel().flush();
    }
    written(gathered == null ? response.end() : response.end(gathered));
  }

  /**
   * Closing while the client still sends would reset the connection, and the answer could be lost
   * on its way: what it sends is read and thrown away for a moment.
   */
  private void written(Future<Void> answer) {
    if (!last) {
      return;
    }
    HttpConnection connection = request.connection();
    answer.onComplete(
        done -> {
          if (request.isEnded()) {
            connection.close();
          } else {
            vertx.setTimer(LINGER_MILLIS, timer -> connection.close());
          }
        });
  }

  @Override
  public void abort() {
    if (!over) {
      over = true;
      request.connection().close();
    }
  }

  @Override
  public long bytesOut() {
    return bytesOut;
  }

  private ClientChannel channel() {
    ClientChannel used = channel;
    if (used == null) {
      throw new IllegalStateException("no channel of the client's own");
    }
    return used;
  }
}

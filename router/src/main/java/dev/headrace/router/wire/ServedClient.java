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

  private static final byte[] CRLF = "\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Vertx vertx;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final @Nullable ClientChannel channel;
  private @Nullable ByteBuf first;
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
      letGo();
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
  public void write(ByteBuf content) {
    int size = content.readableBytes();
    if (over || size == 0) {
      content.release();
      return;
    }
    bytesOut += size;
    if (!headOut) {
      first = first == null ? content : Unpooled.wrappedBuffer(first, content);
    } else if (!direct) {
      response.write(copied(content));
    } else if (chunked) {
      writeChunk(content, size);
    } else {
      channel().write(content);
    }
  }

  private void writeChunk(ByteBuf content, int size) {
    ByteBuf framed = channel().buffer(size + 20);
    framed.writeCharSequence(Integer.toHexString(size), StandardCharsets.US_ASCII);
    framed.writeBytes(CRLF).writeBytes(content).writeBytes(CRLF);
    content.release();
    channel().write(framed);
  }

  @Override
  public boolean takesChunks() {
    return direct && chunked && headOut && !over;
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
      ByteBuf bytes = first;
      if (bytes != null) {
        first = null;
        writeHead(bytes);
      }
    } else if (direct) {
      channel().flush();
    }
  }

  /**
   * The first bytes go out with the head. From here on the channel is used if nothing of an earlier
   * answer can still be in the framework's queue.
   */
  private void writeHead(ByteBuf bytes) {
    if (chunked) {
      response.setChunked(true);
    }
    direct =
        channel != null
            && request.version() == HttpVersion.HTTP_1_1
            && channel.writable()
            && !response.writeQueueFull();
    headOut = true;
    response.write(copied(bytes));
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
    ByteBuf bytes = first;
    first = null;
    written(bytes == null ? response.end() : response.end(copied(bytes)));
  }

  /**
   * Closing while the client still sends would reset the connection, and the answer could be lost
   * on its way: what it sends is read and thrown away for a moment.
   */
  private void written(Future<Void> answer) {
    if (!last) {
      return;
    }
    if (channel != null) {
      channel.last();
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
      letGo();
      request.connection().close();
    }
  }

  @Override
  public long bytesOut() {
    return bytesOut;
  }

  private void letGo() {
    ByteBuf bytes = first;
    if (bytes != null) {
      first = null;
      bytes.release();
    }
  }

  /** For the framework, which does not always release what it is given. */
  private static Buffer copied(ByteBuf bytes) {
    try {
      return Buffer.buffer(ByteBufUtil.getBytes(bytes));
    } finally {
      bytes.release();
    }
  }

  private ClientChannel channel() {
    ClientChannel used = channel;
    if (used == null) {
      throw new IllegalStateException("no channel of the client's own");
    }
    return used;
  }
}

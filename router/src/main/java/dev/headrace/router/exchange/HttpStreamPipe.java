package dev.headrace.router.exchange;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;

/**
 * The pipe on Vert.x's HTTP objects.
 *
 * <p>Gathering: a write that another connection's read causes is flushed by itself, so ten frames
 * in one segment would cost ten system calls. What arrives is therefore collected and written by a
 * task that runs right after the current batch of I/O, or at once when {@link #BOUND} is reached.
 */
final class HttpStreamPipe implements StreamPipe {
  /** Bytes that are gathered before they are written without waiting for the end of the batch. */
  static final int BOUND = 16 * 1024;

  private final Context context;
  private final HttpClientResponse upstream;
  private final Reply client;
  private final Handler<Void> flushTask = v -> flushLater();
  private final Handler<Void> drained = v -> clientDrained();
  private @Nullable Buffer gathered;
  private boolean flushPlanned;
  private boolean paused;
  private boolean closed;

  HttpStreamPipe(Context context, HttpClientResponse upstream, Reply client) {
    this.context = context;
    this.upstream = upstream;
    this.client = client;
  }

  @Override
  public void open(Listener listener) {
    upstream.handler(
        bytes -> {
          if (!closed) {
            listener.arrived(bytes);
          }
        });
    upstream.endHandler(
        v -> {
          if (!closed) {
            listener.ended();
          }
        });
    upstream.exceptionHandler(
        cause -> {
          if (!closed) {
            listener.broke(cause);
          }
        });
  }

  @Override
  public void send(byte[] bytes, int from, int to) {
    Buffer target = gathered;
    if (target == null) {
      target = Buffer.buffer(Math.max(256, to - from));
      gathered = target;
      planFlush();
    }
    target.appendBytes(bytes, from, to - from);
    if (target.length() >= BOUND) {
      flush();
    }
  }

  @Override
  public void send(Buffer bytes) {
    Buffer before = gathered;
    if (before == null) {
      gathered = bytes;
      planFlush();
    } else {
      gathered =
          Buffer.buffer(before.length() + bytes.length()).appendBuffer(before).appendBuffer(bytes);
    }
    if (bytes.length() >= BOUND || (before != null && before.length() + bytes.length() >= BOUND)) {
      flush();
    }
  }

  private void planFlush() {
    if (!flushPlanned) {
      flushPlanned = true;
      context.runOnContext(flushTask);
    }
  }

  private void flushLater() {
    flushPlanned = false;
    if (!closed) {
      flush();
    }
  }

  @Override
  public void flush() {
    Buffer bytes = gathered;
    if (bytes == null) {
      return;
    }
    gathered = null;
    client.write(bytes);
    if (!paused && client.isFull()) {
      paused = true;
      upstream.pause();
      client.onDrain(drained);
    }
  }

  private void clientDrained() {
    if (paused && !closed) {
      paused = false;
      upstream.resume();
    }
  }

  @Override
  public void end() {
    Buffer last = gathered;
    gathered = null;
    closed = true;
    letFlow();
    client.end(last);
  }

  @Override
  public boolean clientIsSlow() {
    return paused;
  }

  @Override
  public void close() {
    closed = true;
    gathered = null;
    letFlow();
  }

  /**
   * What the framework holds back of a paused answer is released as it passes, and only then: a
   * connection that is closed while it is paused would never give that memory back (5.0.12).
   */
  private void letFlow() {
    if (paused) {
      paused = false;
      upstream.resume();
    }
  }
}

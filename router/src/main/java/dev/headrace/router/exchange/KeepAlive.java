package dev.headrace.router.exchange;

import io.vertx.core.buffer.Buffer;

/**
 * The comment lines of a silent stream: they tell proxies and clients that the connection lives
 * while a worker queues or prefills. Confined to one event loop.
 */
final class KeepAlive {
  static final Buffer COMMENT = Buffer.buffer(": waiting\n\n");

  private final long silenceNanos;
  private long wroteNanos;

  KeepAlive(long silenceNanos, long now) {
    this.silenceNanos = silenceNanos;
    this.wroteNanos = now;
  }

  void wrote(long now) {
    wroteNanos = now;
  }

  boolean due(long now) {
    return now - wroteNanos >= silenceNanos;
  }
}

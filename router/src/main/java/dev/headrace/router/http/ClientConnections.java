package dev.headrace.router.http;

import dev.headrace.router.exchange.Bounds;
import dev.headrace.router.wire.ClientChannel;
import io.vertx.core.http.HttpConnection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The client connections of one event loop, and how long each may be without a request, or take for
 * the head of one. The framework's idle timeout is no deadline for a head that arrives byte by
 * byte, and it would cut clients that wait for a long prefill; this looks at requests instead.
 * Confined to its loop.
 */
final class ClientConnections {

  private static final class Known {
    private final @Nullable ClientChannel channel;
    private boolean served;
    private int requests;
    private long idleSince = System.nanoTime();

    Known(@Nullable ClientChannel channel) {
      this.channel = channel;
    }

    /** True when it has had its time. */
    boolean late(long now, long headNanos, long idleNanos) {
      if (requests > 0) {
        return false;
      }
      long headSince = channel == null ? 0 : channel.headNanos();
      return now - idleSince > (served ? idleNanos : headNanos)
          || (headSince != 0 && now - headSince > headNanos);
    }
  }

  private final Map<HttpConnection, Known> open = new HashMap<>();
  private final Bounds bounds;
  private final long headNanos;
  private final long idleNanos;

  ClientConnections(Bounds bounds, long headNanos, long idleNanos) {
    this.bounds = bounds;
    this.headNanos = headNanos;
    this.idleNanos = idleNanos;
  }

  void opened(HttpConnection connection) {
    // Clients that reset their connection are not worth a log line each.
    connection.exceptionHandler(cause -> {});
    if (!bounds.takeConnection()) {
      connection.close();
      return;
    }
    open.put(connection, new Known(ClientChannel.of(connection)));
    connection.closeHandler(
        closed -> {
          open.remove(connection);
          bounds.giveBackConnection();
        });
  }

  /** The channel under the connection, or null when it does not speak HTTP/1.1. */
  @Nullable ClientChannel channel(HttpConnection connection) {
    Known known = open.get(connection);
    return known == null ? null : known.channel;
  }

  void requestBegan(HttpConnection connection) {
    Known known = open.get(connection);
    if (known != null) {
      known.served = true;
      known.requests++;
      if (known.channel != null) {
        known.channel.requestBegan();
      }
    }
  }

  void requestEnded(HttpConnection connection) {
    Known known = open.get(connection);
    if (known != null) {
      known.requests--;
      known.idleSince = System.nanoTime();
      if (known.channel != null) {
        known.channel.requestEnded();
      }
    }
  }

  /** Closes what was silent for too long. */
  void sweep(long now) {
    if (open.isEmpty()) {
      return;
    }
    for (Map.Entry<HttpConnection, Known> entry : Map.copyOf(open).entrySet()) {
      if (entry.getValue().late(now, headNanos, idleNanos)) {
        entry.getKey().close();
      }
    }
  }

  /** Closes what is idle now: nothing new is wanted. */
  void closeIdle() {
    for (Map.Entry<HttpConnection, Known> entry : Map.copyOf(open).entrySet()) {
      if (entry.getValue().requests == 0) {
        entry.getKey().close();
      }
    }
  }

  int size() {
    return open.size();
  }
}

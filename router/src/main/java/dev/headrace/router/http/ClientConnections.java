package dev.headrace.router.http;

import dev.headrace.router.exchange.Bounds;
import io.vertx.core.http.HttpConnection;
import java.util.HashMap;
import java.util.Map;

/**
 * The client connections of one event loop, and how long each may be without a request. The
 * framework's idle timeout is no deadline for a head that arrives byte by byte, and it would cut
 * clients that wait for a long prefill; this looks at requests instead. Confined to its loop.
 */
final class ClientConnections {

  private static final class Known {
    private boolean served;
    private int requests;
    private long idleSince;
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
    if (!bounds.takeConnection()) {
      connection.close();
      return;
    }
    Known known = new Known();
    known.idleSince = System.nanoTime();
    open.put(connection, known);
    // Clients that reset their connection are not worth a log line each.
    connection.exceptionHandler(cause -> {});
    connection.closeHandler(
        closed -> {
          open.remove(connection);
          bounds.giveBackConnection();
        });
  }

  void requestBegan(HttpConnection connection) {
    Known known = open.get(connection);
    if (known != null) {
      known.served = true;
      known.requests++;
    }
  }

  void requestEnded(HttpConnection connection) {
    Known known = open.get(connection);
    if (known != null) {
      known.requests--;
      known.idleSince = System.nanoTime();
    }
  }

  /** Closes what was silent for too long. */
  void sweep(long now) {
    if (open.isEmpty()) {
      return;
    }
    for (Map.Entry<HttpConnection, Known> entry : Map.copyOf(open).entrySet()) {
      Known known = entry.getValue();
      long allowed = known.served ? idleNanos : headNanos;
      if (known.requests == 0 && now - known.idleSince > allowed) {
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

package dev.headrace.router.wire;

import dev.headrace.worker.WorkerAddress;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import io.vertx.core.internal.net.NetClientInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop to all workers. Vert.x resolves, connects and does TLS; what
 * goes over a connection then is this package's. There is no bound on how many a worker may have:
 * how much a worker takes is the dispatch's business. Idle ones are dropped before the worker would
 * close them, and forgotten at once when it does. Confined to its loop.
 */
public final class WorkerPool implements WorkerSide {
  private static final long OLDEST = TimeUnit.MINUTES.toNanos(5);

  /** What was learned of a worker is kept so long after its last request. */
  private static final long REMEMBERED = TimeUnit.MINUTES.toNanos(10);

  private static final String HANDLER = "headrace";

  /** One worker's connections that are idle, the last used last, and what is known of its ways. */
  static final class Host {
    private final ConnectionTraits traits = new ConnectionTraits();
    private final Deque<WorkerConnection> idle = new ArrayDeque<>();
    private int open;
    private long usedNanos;

    ConnectionTraits traits() {
      return traits;
    }
  }

  private final ContextInternal context;
  private final NetClient client;
  private final LongSupplier clock;
  private final Map<WorkerAddress, Host> hosts = new HashMap<>();
  private final AnswerReader.Scratch scratch = new AnswerReader.Scratch();
  private int connections;

  /** Must be called on the loop; {@code clock} gives monotonic nanoseconds. */
  public WorkerPool(Vertx vertx, Context context, Duration connectTimeout, LongSupplier clock) {
    this.context = (ContextInternal) context;
    this.clock = clock;
    int millis = (int) Math.min(Integer.MAX_VALUE, connectTimeout.toMillis());
    this.client = vertx.createNetClient(new NetClientOptions().setConnectTimeout(millis));
  }

  @Override
  public Call ask(WorkerAddress address, Outgoing request, Answered answered) {
    WorkerCall call = new WorkerCall(this, address, request, answered);
    call.start();
    return call;
  }

  long now() {
    return clock.getAsLong();
  }

  /** Open connections to workers. */
  public int connections() {
    return connections;
  }

  private Host host(WorkerAddress address) {
    Host host = hosts.computeIfAbsent(address, any -> new Host());
    host.usedNanos = now();
    return host;
  }

  /** An idle connection that can be relied upon, as far as anybody can tell, or null. */
  @Nullable WorkerConnection take(WorkerAddress address) {
    Host host = host(address);
    long now = now();
    WorkerConnection found;
    while ((found = host.idle.pollLast()) != null) {
      if (found.open() && fresh(host, found, now)) {
        return found;
      }
      found.close();
    }
    return null;
  }

  private static boolean fresh(Host host, WorkerConnection connection, long now) {
    return now - connection.idleSince() < host.traits.idleNanos()
        && now - connection.openedNanos() < OLDEST;
  }

  Future<WorkerConnection> connect(WorkerAddress address) {
    Host host = host(address);
    ConnectOptions options =
        new ConnectOptions().setHost(address.host()).setPort(address.port()).setSsl(address.tls());
    if (address.tls()) {
      options.setSslOptions(new ClientSSLOptions().setHostnameVerificationAlgorithm("HTTPS"));
    }
    // The loop is told: what comes from a connection of our own runs outside the framework's
    // context.
    PromiseInternal<NetSocket> made = context.promise();
    ((NetClientInternal) client).connectInternal(options, made, context);
    return made.future().map(socket -> opened(host, socket));
  }

  private WorkerConnection opened(Host host, NetSocket socket) {
    // A broken connection is told to the call that uses it.
    socket.exceptionHandler(cause -> {});
    ChannelHandlerContext last = ((NetSocketInternal) socket).channelHandlerContext();
    WorkerConnection connection = new WorkerConnection(this, host, scratch, now());
    last.pipeline().addBefore(last.name(), HANDLER, connection);
    connections++;
    host.open++;
    return connection;
  }

  void idle(WorkerConnection connection) {
    connection.rest(now());
    connection.host().idle.addLast(connection);
  }

  void closed(WorkerConnection connection) {
    connections--;
    connection.host().open--;
    connection.host().idle.remove(connection);
  }

  /** Drops what was idle for too long. To be called a few times per second. */
  public void sweep() {
    long now = now();
    for (Iterator<Host> each = hosts.values().iterator(); each.hasNext(); ) {
      Host host = each.next();
      WorkerConnection oldest;
      while ((oldest = host.idle.peekFirst()) != null && !fresh(host, oldest, now)) {
        host.idle.pollFirst();
        oldest.close();
      }
      if (host.open == 0 && now - host.usedNanos > REMEMBERED) {
        each.remove();
      }
    }
  }

  /** Closes everything. */
  public Future<Void> close() {
    return client.close();
  }
}

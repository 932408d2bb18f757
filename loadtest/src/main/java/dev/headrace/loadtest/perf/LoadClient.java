package dev.headrace.loadtest.perf;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * Keeps one {@link Workload} running against one port: so many connections, each with the next
 * request as soon as the last one is answered. As cheap as Netty allows, since it shares its core
 * with the mock worker: a token is one {@code ~} in the body, nothing else is looked at. Its single
 * event loop writes the counters; any thread reads them. What writes and closes return is ignored:
 * a failed one ends in {@code channelInactive}.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class LoadClient implements AutoCloseable {
  private static final byte TOKEN = '~';
  private static final long SPREAD_MILLIS = 800;

  private final EventLoopGroup group;
  private final Workload workload;
  private final int port;
  private final byte[] request;
  private final LongAdder answers = new LongAdder();
  private final LongAdder tokens = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final SingleWriterRecorder firstToken = new SingleWriterRecorder(3);
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private volatile boolean stopping;

  LoadClient(EventLoopGroup group, Workload workload, int port) {
    this.group = group;
    this.workload = workload;
    this.port = port;
    this.request = workload.request(port);
  }

  /**
   * Opens the connections, spread over most of a second so that their tokens do not march in step.
   */
  void start() {
    int count = workload.connections();
    for (int i = 0; i < count; i++) {
      group.schedule(this::connect, SPREAD_MILLIS * i / count, TimeUnit.MILLISECONDS);
    }
  }

  /** Answers that were complete and good. */
  long answers() {
    return answers.sum();
  }

  long tokens() {
    return tokens.sum();
  }

  /** Bad statuses and broken connections. */
  long errors() {
    return errors.sum();
  }

  /** From the send to the first token since the last call, in nanoseconds. */
  Histogram firstToken() {
    return firstToken.getIntervalHistogram();
  }

  /** Closes all connections, wherever they stand. */
  @Override
  public void close() {
    stopping = true;
    open.close().awaitUninterruptibly();
  }

  private void connect() {
    if (stopping) {
      return;
    }
    new Bootstrap()
        .group(group)
        .channel(EpollSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpResponseDecoder(), new Connection());
              }
            })
        .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                errors.increment();
                group.schedule(this::connect, 100, TimeUnit.MILLISECONDS);
              }
            });
  }

  private final class Connection extends SimpleChannelInboundHandler<HttpObject> {
    private long sentNanos;
    private boolean good;
    private boolean waiting;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      open.add(context.channel());
      send(context);
    }

    private void send(ChannelHandlerContext context) {
      if (stopping) {
        context.close();
        return;
      }
      waiting = true;
      good = false;
      sentNanos = System.nanoTime();
      ByteBuf bytes = context.alloc().directBuffer(request.length).writeBytes(request);
      context.writeAndFlush(bytes, context.voidPromise());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
      if (message instanceof HttpResponse response) {
        good = response.status().code() == 200;
      }
      if (message instanceof HttpContent part) {
        count(part.content());
      }
      if (message instanceof LastHttpContent) {
        (good && !waiting ? answers : errors).increment();
        waiting = false;
        good = false;
        send(context);
      }
    }

    private void count(ByteBuf content) {
      int at = content.readerIndex();
      int end = content.writerIndex();
      int found = 0;
      while ((at = content.indexOf(at, end, TOKEN)) >= 0) {
        found++;
        at++;
      }
      if (found > 0) {
        if (waiting) {
          waiting = false;
          firstToken.recordValue(System.nanoTime() - sentNanos);
        }
        tokens.add(found);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (good || waiting) {
        errors.increment();
      }
      connect();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}

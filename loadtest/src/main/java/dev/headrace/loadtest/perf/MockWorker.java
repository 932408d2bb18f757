package dev.headrace.loadtest.perf;

import dev.headrace.worker.AllowForbidden;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The cheapest worker that speaks the OpenAI API: answers are ready bytes, one event loop, no
 * framework above Netty. A measurement of a proxy must not be limited by what stands behind it. A
 * request says in {@code user} at which cadence its tokens come ({@code gap-10}: 10 ms; {@code
 * gap-0}: one after the other) and in {@code max_tokens} how many.
 *
 * <p>What writes return is ignored: a failed one closes the connection.
 */
@SuppressWarnings("FutureReturnValueIgnored")
public final class MockWorker {
  private static final int MAX_BODY = 1 << 20;
  private static final Pattern GAP = Pattern.compile("\"gap-(\\d{1,6})\"");
  private static final Pattern TOKENS = Pattern.compile("\"max_tokens\"\\s*:\\s*(\\d{1,7})");

  private MockWorker() {}

  /** Listens on the loopback port that the first argument names until the process ends. */
  @AllowForbidden("the program's own thread has nothing else to do than to wait for the socket")
  public static void main(String[] args) throws Exception {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    Channel server =
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 4096)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new HttpRequestDecoder(),
                            new HttpObjectAggregator(MAX_BODY),
                            new Handler());
                  }
                })
            .bind("127.0.0.1", Integer.parseInt(args[0]))
            .sync()
            .channel();
    server.closeFuture().sync();
  }

  /** What starts it as a process of its own. */
  static List<String> command(int port) {
    return List.of(
        ProcessHandle.current().info().command().orElse("java"),
        "-XX:+UseSerialGC",
        "-Xmx256m",
        "-cp",
        System.getProperty("java.class.path"),
        MockWorker.class.getName(),
        Integer.toString(port));
  }

  /** Starts it; its output goes to {@code log}. */
  static Process launch(int port, Path log) throws IOException {
    return new ProcessBuilder(command(port))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static ByteBuf ready(String head, String body) {
    return constant(
        head
            + "content-length: "
            + body.getBytes(StandardCharsets.UTF_8).length
            + "\r\n\r\n"
            + body);
  }

  /** Bytes that are never released: each use writes a duplicate. */
  static ByteBuf constant(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Unpooled.unreleasableBuffer(Unpooled.directBuffer(bytes.length).writeBytes(bytes));
  }

  private static final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final ByteBuf MODELS =
        ready(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n",
            "{\"object\":\"list\",\"data\":[{\"id\":\"mock\",\"object\":\"model\",\"created\":1,"
                + "\"owned_by\":\"mock\"}]}");
    private static final ByteBuf ANSWER =
        ready(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n",
            "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,"
                + "\"model\":\"mock\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
                + "\"assistant\",\"content\":\"~ is one token\"},\"finish_reason\":\"stop\"}],"
                + "\"usage\":{\"prompt_tokens\":16,\"completion_tokens\":4,\"total_tokens\":20}}");

    private @Nullable MockStream stream;

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      if (request.method().equals(HttpMethod.GET)) {
        context.writeAndFlush(MODELS.duplicate());
        return;
      }
      String body = request.content().toString(StandardCharsets.UTF_8);
      if (!body.contains("\"stream\":true")) {
        context.writeAndFlush(ANSWER.duplicate());
        return;
      }
      stream = new MockStream(context, number(TOKENS, body, 16), number(GAP, body, 0), body);
      stream.start();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (stream != null && context.channel().isWritable()) {
        stream.resume();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }

    private static int number(Pattern pattern, String body, int otherwise) {
      Matcher matcher = pattern.matcher(body);
      return matcher.find() ? Integer.parseInt(matcher.group(1)) : otherwise;
    }
  }
}

package dev.headrace.loadtest.perf;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * One streamed answer of the {@link MockWorker}: the head with the first token at once, then one
 * token per write, as engines do. With a gap the due times are absolute, so the cadence holds
 * whatever a write costs; without one, the next token follows in the next turn of the loop, as long
 * as the socket takes it. Confined to its event loop. What writes return is ignored: a failed one
 * closes the connection.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class MockStream implements Runnable {
  private static final String HEAD =
      """
      HTTP/1.1 200 OK\r
      content-type: text/event-stream; charset=utf-8\r
      transfer-encoding: chunked\r
      \r
      """;
  private static final String TOKEN =
      chunk(
          "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
              + "\"model\":\"mock\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" ~\"},"
              + "\"logprobs\":null,\"finish_reason\":null}]}\n\n");
  private static final String FINISH =
      "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
          + "\"model\":\"mock\",\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,"
          + "\"finish_reason\":\"length\"}]}\n\n";
  private static final ByteBuf FIRST_BYTES = MockWorker.constant(HEAD + TOKEN);
  private static final ByteBuf TOKEN_BYTES = MockWorker.constant(TOKEN);

  private final ChannelHandlerContext context;
  private final long gapNanos;
  private final int tokens;
  private final boolean withUsage;
  private long dueNanos;
  private int left;
  private boolean parked;

  MockStream(ChannelHandlerContext context, int tokens, int gapMillis, String body) {
    this.context = context;
    this.tokens = tokens;
    this.left = tokens;
    this.gapNanos = TimeUnit.MILLISECONDS.toNanos(gapMillis);
    this.withUsage = body.contains("\"include_usage\":true");
  }

  void start() {
    dueNanos = System.nanoTime();
    left--;
    context.writeAndFlush(FIRST_BYTES.duplicate(), context.voidPromise());
    next();
  }

  /** The socket takes data again. */
  void resume() {
    if (parked) {
      parked = false;
      run();
    }
  }

  @Override
  public void run() {
    if (!context.channel().isActive()) {
      return;
    }
    if (!context.channel().isWritable()) {
      parked = true;
      return;
    }
    if (left == 0) {
      String usage =
          withUsage
              ? String.format(
                  Locale.ROOT,
                  "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                      + "\"model\":\"mock\",\"choices\":[],\"usage\":{\"prompt_tokens\":16,"
                      + "\"completion_tokens\":%d,\"total_tokens\":%d}}\n\n",
                  tokens,
                  tokens + 16)
              : "";
      context.writeAndFlush(
          MockWorker.constant(chunk(FINISH + usage + "data: [DONE]\n\n") + "0\r\n\r\n"),
          context.voidPromise());
      return;
    }
    left--;
    context.writeAndFlush(TOKEN_BYTES.duplicate(), context.voidPromise());
    next();
  }

  private void next() {
    if (gapNanos == 0) {
      context.executor().execute(this);
    } else {
      dueNanos += gapNanos;
      context
          .executor()
          .schedule(this, Math.max(0, dueNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
  }

  /** ASCII in HTTP's chunked framing. */
  private static String chunk(String data) {
    return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
  }
}

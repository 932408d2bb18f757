package dev.headrace.router.observe;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes one line of JSON per exchange to a file, on a thread of its own. The queue is bounded:
 * when the disk is slower than the traffic, lines are dropped and counted rather than memory used
 * or clients held up. Any thread may write.
 */
public final class JsonLinesAccessLog implements AccessLog, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(JsonLinesAccessLog.class.getName());
  private static final int QUEUE = 8192;

  private record Line(long millis, AccessRecord record) {}

  private final BlockingQueue<Line> queue = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicLong dropped = new AtomicLong();
  private final Writer out;
  private final InstantSource clock;
  private final Thread thread;
  private volatile boolean closing;

  private JsonLinesAccessLog(Writer out, InstantSource clock) {
    this.out = out;
    this.clock = clock;
    this.thread = new Thread(this::run, "headrace-access-log");
    thread.setDaemon(true);
  }

  /**
   * Appends to the file, which is made when it is not there.
   *
   * @throws IOException when it cannot be opened
   */
  public static JsonLinesAccessLog open(Path file, InstantSource clock) throws IOException {
    JsonLinesAccessLog log =
        new JsonLinesAccessLog(
            Files.newBufferedWriter(
                file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            clock);
    log.thread.start();
    return log;
  }

  @Override
  public void write(AccessRecord record) {
    if (closing || !queue.offer(new Line(clock.millis(), record))) {
      dropped.incrementAndGet();
    }
  }

  /** Lines that were not written. */
  public long dropped() {
    return dropped.get();
  }

  private void run() {
    try (out) {
      while (!closing || !queue.isEmpty()) {
        @Nullable Line line = queue.poll(200, TimeUnit.MILLISECONDS);
        if (line == null) {
          continue;
        }
        out.write(render(line));
        out.write('\n');
        if (queue.isEmpty()) {
          out.flush();
        }
      }
    } catch (IOException e) {
      closing = true;
      LOG.log(Level.WARNING, "the access log ends: {0}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String render(Line line) {
    AccessRecord record = line.record;
    return new JsonObject()
        .put("time_ms", line.millis)
        .put("request_id", record.requestId())
        .put("endpoint", record.endpoint())
        .put("model", record.model())
        .put("worker", record.worker())
        .put("key", record.key())
        .put("status", record.status())
        .put("outcome", record.outcome())
        .put("code", record.code())
        .put("stream", record.stream())
        .put("attempts", record.attempts())
        .put("queue_ms", record.queueMillis())
        .put("first_token_ms", record.firstTokenMillis())
        .put("total_ms", record.totalMillis())
        .put("prompt_tokens", record.promptTokens())
        .put("completion_tokens", record.completionTokens())
        .put("bytes_in", record.bytesIn())
        .put("bytes_out", record.bytesOut())
        .encode();
  }

  /** Writes what is queued and closes the file; waits a moment for it. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

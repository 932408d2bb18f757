package dev.headrace.router.exchange;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.dispatch.Dispatch;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.fleet.Worker;
import dev.headrace.router.observe.AccessRecord;
import dev.headrace.router.observe.ModelMeters;
import dev.headrace.router.observe.RouterMeters;
import dev.headrace.router.sse.TokenUsage;
import dev.headrace.router.wire.ClientSide;
import dev.headrace.worker.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * The account of one exchange: when what happened, on whom, and what it cost. It moves the meters
 * of the exchange's model and writes the access record when it is closed. Confined to one event
 * loop.
 */
final class Tally {
  private final ExchangeLoop.Shared shared;
  private final Endpoint endpoint;
  private final String requestId;
  private final @Nullable String key;
  private final long startedNanos = System.nanoTime();

  private ModelMeters meters;
  private @Nullable String model;
  private boolean stream;
  private boolean streaming;
  private @Nullable Worker lastWorker;
  private Dispatch.@Nullable Placed placement;
  private int attempts;
  private long queuedNanos = -1;
  private long firstContentNanos = -1;

  Tally(ExchangeLoop.Shared shared, Endpoint endpoint, String requestId, @Nullable String key) {
    this.shared = shared;
    this.endpoint = endpoint;
    this.requestId = requestId;
    this.key = key;
    this.meters = shared.meters().of(endpoint, RouterMeters.UNKNOWN);
  }

  /** The fleet's own name of the model is known now. */
  void routed(String modelName, boolean asksForStream) {
    model = modelName;
    stream = asksForStream;
    meters = shared.meters().of(endpoint, modelName);
  }

  void placed(Worker worker, long waitedNanos, Priority priority) {
    if (queuedNanos < 0) {
      queuedNanos = waitedNanos;
      meters.queueWait(waitedNanos, priority);
    }
    attempts++;
    lastWorker = worker;
  }

  void explained(Dispatch.Placed placed) {
    placement = placed.seen() == null ? null : placed;
  }

  void streamBegan() {
    if (!streaming) {
      streaming = true;
      shared.meters().streamStarted();
    }
  }

  /**
   * Output arrived.
   *
   * @param gapNanos since the output before it, or -1: it is the first of its attempt
   */
  void content(long now, long gapNanos) {
    if (gapNanos >= 0) {
      meters.tokenGap(gapNanos);
    } else if (firstContentNanos < 0) {
      firstContentNanos = now - startedNanos;
      if (stream) {
        meters.firstToken(firstContentNanos);
      }
    }
  }

  void truncated() {
    meters.truncated();
  }

  /** Must be called once. */
  void close(
      Outcome outcome,
      int status,
      @Nullable ErrorCode code,
      TokenUsage usage,
      long bytesIn,
      long bytesOut) {
    if (streaming) {
      shared.meters().streamEnded();
    }
    long nanos = System.nanoTime() - startedNanos;
    meters.tokens(usage.prompt(), usage.cached(), usage.completion());
    meters.over(status, outcome.label(), nanos);
    Worker worker = lastWorker;
    shared
        .accessLog()
        .write(
            new AccessRecord(
                requestId,
                endpoint.label(),
                model,
                worker == null ? null : worker.publicId(),
                key,
                status,
                outcome.label(),
                code == null ? null : code.code(),
                stream,
                attempts,
                millis(queuedNanos),
                millis(firstContentNanos),
                millis(nanos),
                usage.prompt(),
                usage.completion(),
                bytesIn,
                bytesOut));
  }

  /** The client wants to see what became of its request. */
  static boolean debugs(ClientSide client) {
    return "1".equals(client.header("x-headrace-debug"));
  }

  /** What a client that debugs asked to see. */
  void describe(ClientSide client) {
    if (!debugs(client)) {
      return;
    }
    Worker worker = lastWorker;
    if (worker != null) {
      client.field("x-headrace-worker", worker.publicId());
    }
    Dispatch.Placed placed = placement;
    if (placed != null && placed.seen() != null) {
      String line = placed.seen().line(placed.lease().worker());
      long cached = Math.round(placed.lease().cachedTokens());
      client.field("x-headrace-decision", cached == 0 ? line : line + "; cached=" + cached);
    }
    client.field("x-headrace-attempts", Integer.toString(attempts));
    client.field("x-headrace-queue-ms", Long.toString(Math.max(0, queuedNanos) / 1_000_000));
  }

  private static double millis(long nanos) {
    return nanos < 0 ? -1 : nanos / 1e6;
  }

  long startedNanos() {
    return startedNanos;
  }

  int attempts() {
    return attempts;
  }

  boolean streaming() {
    return streaming;
  }

  @Nullable Worker lastWorker() {
    return lastWorker;
  }
}

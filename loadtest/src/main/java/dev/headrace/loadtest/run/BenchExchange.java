package dev.headrace.loadtest.run;

import dev.headrace.loadtest.result.Metric;
import dev.headrace.loadtest.stream.JsonAnswer;
import dev.headrace.loadtest.stream.StreamReading;
import dev.headrace.loadtest.stream.TokenUsage;
import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One request from send to end. States: connecting, sent, answering, ended; it ends exactly once,
 * whichever of end, failure and timeout comes first. Confined to its event loop.
 */
final class BenchExchange {
  /** A JSON answer larger than this is counted as failed. */
  private static final int MAX_JSON_BYTES = 32 << 20;

  /** What is kept of an error's body. */
  private static final int MAX_ERROR_BYTES = 8 << 10;

  /** So often a request is sent again because a used connection closed before any answer. */
  private static final int MAX_RESENDS = 3;

  /** Told once, when the exchange has ended. */
  interface Listener {
    void ended(BenchExchange exchange, boolean failed);
  }

  private final PlannedRequest planned;
  private final LoopRecorder recorder;
  private final Listener listener;
  private final boolean stream;
  private final Buffer body = Buffer.buffer();
  private final StreamReading reading;
  private long sentNanos;
  private long headNanos;
  private int status;
  private @Nullable String worker;
  private @Nullable HttpClientRequest request;
  private int resends;
  private boolean answering;
  private boolean ended;

  BenchExchange(PlannedRequest planned, boolean stream, LoopRecorder recorder, Listener listener) {
    this.planned = planned;
    this.stream = stream;
    this.recorder = recorder;
    this.listener = listener;
    this.reading = new StreamReading(this::gap);
  }

  void start(Connections connections, byte[] json) {
    sentNanos = System.nanoTime();
    if (planned.measured()) {
      long late = sentNanos - planned.intendedNanos();
      recorder.tally.started++;
      recorder.record(Metric.DISPATCH_DELAY, late);
      if (planned.waited()) {
        recorder.tally.waited++;
      } else {
        recorder.record(Metric.PACING_DELAY, late);
      }
    }
    connect(connections, json);
  }

  private void connect(Connections connections, byte[] json) {
    connections.request().onComplete(result -> connected(connections, result, json));
  }

  long sentNanos() {
    return sentNanos;
  }

  void timeOut(long millis) {
    fail("timeout", "no complete answer within " + millis + " ms");
    if (request != null) {
      request.reset();
    }
  }

  private void connected(
      Connections connections, AsyncResult<HttpClientRequest> result, byte[] json) {
    if (result.failed()) {
      fail("connect", message(result.cause()));
      return;
    }
    HttpClientRequest opened = result.result();
    if (ended) {
      opened.reset();
      return;
    }
    request = opened;
    boolean onUsed = connections.reused(opened.connection());
    if (planned.measured() && resends == 0) {
      recorder.record(Metric.CONNECT, System.nanoTime() - sentNanos);
    }
    opened
        .send(Buffer.buffer(json))
        .onComplete(
            answer -> {
              if (ended) {
                return;
              }
              if (answer.succeeded()) {
                answered(answer.result());
              } else if (onUsed && resends < MAX_RESENDS) {
                resends++;
                connect(connections, json);
              } else {
                broken(answer.cause());
              }
            });
  }

  private void answered(HttpClientResponse response) {
    answering = true;
    if (planned.measured()) {
      recorder.tally.resent += resends;
    }
    headNanos = System.nanoTime();
    status = response.statusCode();
    worker = response.getHeader("x-headrace-worker");
    if (worker == null) {
      worker = response.getHeader("x-sim-worker");
    }
    response.exceptionHandler(this::broken);
    response.endHandler(end -> complete());
    String type = response.getHeader(HttpHeaders.CONTENT_TYPE);
    if (status == 200 && stream) {
      if (type != null && type.startsWith("text/event-stream")) {
        response.handler(this::read);
      } else {
        failAndClose("not_a_stream", "the answer's content type is " + type);
      }
    } else {
      response.handler(this::gather);
    }
  }

  private void read(Buffer chunk) {
    long now = System.nanoTime();
    byte[] bytes = chunk.getBytes();
    reading.read(bytes, 0, bytes.length, now);
  }

  private void gather(Buffer chunk) {
    if (status != 200) {
      body.appendBuffer(chunk, 0, Math.min(chunk.length(), MAX_ERROR_BYTES - body.length()));
    } else if (body.length() + chunk.length() <= MAX_JSON_BYTES) {
      body.appendBuffer(chunk);
    } else {
      failAndClose("too_large", "the answer is longer than " + MAX_JSON_BYTES + " bytes");
    }
  }

  private void gap(long nanos) {
    if (planned.measured()) {
      recorder.record(Metric.CHUNK_GAP, nanos);
    }
  }

  private void complete() {
    if (ended) {
      return;
    }
    long now = System.nanoTime();
    if (status != 200) {
      JsonAnswer answer = JsonAnswer.read(body.getBytes());
      String message = answer.error();
      fail("http_" + status, message == null ? body.toString(StandardCharsets.UTF_8) : message);
    } else if (stream) {
      reading.end(now);
      streamEnded(now);
    } else {
      JsonAnswer answer = JsonAnswer.read(body.getBytes());
      if (!answer.readable()) {
        fail("malformed", "the answer is not a JSON object");
      } else if (answer.error() != null) {
        fail("error_body", answer.error());
      } else {
        succeed(now, answer.usage());
      }
    }
  }

  private void streamEnded(long now) {
    switch (reading.ending()) {
      case COMPLETE -> succeed(reading.done() ? reading.doneAt() : now, reading.usage());
      case ERROR_EVENT -> fail("stream_error", String.valueOf(reading.error()));
      case TRUNCATED ->
          fail("truncated", "the stream ended without finish reason and without [DONE]");
      case MALFORMED -> fail("malformed", "an event of the stream is not a JSON object");
    }
  }

  private void broken(Throwable cause) {
    if (answering && stream && !ended && status == 200) {
      // What came before the break may hold the worker's own word about it.
      reading.end(System.nanoTime());
      String error = reading.error();
      if (error != null) {
        fail("stream_error", error);
        return;
      }
    }
    fail(cause instanceof ConnectException ? "connect" : "closed", message(cause));
  }

  private void succeed(long endNanos, @Nullable TokenUsage usage) {
    ended = true;
    if (planned.measured()) {
      new Settlement(recorder, planned.intendedNanos(), sentNanos, headNanos, endNanos)
          .succeed(stream ? reading : null, usage, worker);
    }
    listener.ended(this, false);
  }

  private void failAndClose(String kind, String message) {
    fail(kind, message);
    if (request != null) {
      request.reset();
    }
  }

  private void fail(String kind, String message) {
    if (ended) {
      return;
    }
    ended = true;
    if (planned.measured()) {
      new Settlement(recorder, planned.intendedNanos(), sentNanos, headNanos, System.nanoTime())
          .fail(kind, message, worker);
    }
    listener.ended(this, true);
  }

  private static String message(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}

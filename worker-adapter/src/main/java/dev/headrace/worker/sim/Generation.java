package dev.headrace.worker.sim;

import dev.headrace.worker.sim.SimDialect.HeadTiming;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One answer on its way from the engine to the client, with the faults that strike it. Confined to
 * the worker's event loop.
 *
 * <p>States: open → ended, exactly once, by the answer's end, by a fault, or by the client's
 * leaving. Tokens are only counted when the engine makes them and rendered when the client can take
 * them, so that a slow reader costs no memory.
 */
final class Generation implements CostModel.Listener, EngineLoop.Writer {
  static final String EVENT_STREAM = "text/event-stream; charset=utf-8";

  /** Tokens rendered between two looks at the client's back-pressure. */
  private static final int BATCH = 256;

  /** Why it is over. */
  enum End {
    COMPLETED,
    CLIENT_LEFT,
    FAULT
  }

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final SimEngine engine;
  private final AnswerForm form;
  private final Answer answer;
  private final SimFaults faults;
  private final FaultyOutput output;
  private final Counters counters;
  private final int cut;
  private final int pingMs;
  private @Nullable StreamForm stream;
  private CostModel.@Nullable Sequence sequence;
  private int generated;
  private int written;
  private boolean dirty;
  private boolean finished;
  private boolean stalled;
  private boolean over;
  private boolean clientLeft;
  private final long startedAt = System.nanoTime();
  private long firstTokenAt;
  private long lastWriteAt;
  private long ping = -1;

  Generation(
      HttpServerRequest request,
      SimEngine engine,
      AnswerForm form,
      Answer answer,
      SimFaults faults) {
    this.request = request;
    this.response = request.response();
    this.engine = engine;
    this.form = form;
    this.answer = answer;
    this.faults = faults;
    this.output = new FaultyOutput(response, faults, engine.random());
    this.counters = engine.counters();
    this.cut = cut(faults);
    this.pingMs = engine.dialect().pingMs(answer.ask.body());
  }

  /**
   * Queues the prompt.
   *
   * @param salt sets apart what must not share KV blocks
   * @return false when it can never fit into the KV cache
   */
  boolean submit(long salt) {
    CostModel.Sequence submitted =
        engine.loop().submit(answer.ask.prompt(), salt, answer.length, this);
    if (submitted == null) {
      return false;
    }
    sequence = submitted;
    engine.began(submitted);
    response.closeHandler(closed -> clientLeft());
    if (streams() && timing() == HeadTiming.AT_ONCE) {
      sendHead();
    }
    engine.loop().kick();
    return true;
  }

  /** Comment lines keep a silent stream alive, as some engines write them. */
  private void armPing(long millis) {
    if (pingMs == 0 || over) {
      return;
    }
    ping =
        engine
            .vertx()
            .setTimer(
                Math.max(1, millis),
                fired -> {
                  long silentMs = (System.nanoTime() - lastWriteAt) / 1_000_000;
                  if (!over && silentMs >= pingMs) {
                    write(Buffer.buffer(":\n\n"));
                    silentMs = 0;
                  }
                  armPing(pingMs - silentMs);
                });
  }

  private void write(Buffer bytes) {
    lastWriteAt = System.nanoTime();
    output.write(bytes);
  }

  private void clientLeft() {
    clientLeft = true;
    if (!over) {
      end(End.CLIENT_LEFT);
    }
  }

  @Override
  public void started(int cachedTokens) {
    answer.cachedTokens = cachedTokens;
    counters.promptTokens.add(answer.promptTokens());
    counters.cachedTokens.add(cachedTokens);
    if (streams() && !over && timing() == HeadTiming.WHEN_RUNNING) {
      sendHead();
    }
  }

  @Override
  public void token() {
    if (generated++ == 0) {
      firstTokenAt = System.nanoTime();
    }
    counters.generatedTokens.increment();
    if (clientLeft) {
      counters.tokensAfterAbort.increment();
    }
    if (!over && !dirty && (streams() || generated >= cut)) {
      dirty = true;
      engine.loop().written(this);
    }
  }

  @Override
  public void finished() {
    finished = true;
    engine.ended(Objects.requireNonNull(sequence));
    answer.promptNanos = firstTokenAt - startedAt;
    answer.decodeNanos = System.nanoTime() - firstTokenAt;
    if (!over && !dirty) {
      dirty = true;
      engine.loop().written(this);
    }
  }

  @Override
  public void flush() {
    dirty = false;
    if (over || stalled) {
      return;
    }
    if (streams()) {
      flushStream();
    } else if (generated >= cut) {
      strikeWhole();
    } else if (finished) {
      engine.dialect().loadHeaders(request, engine::view).forEach(response::putHeader);
      Replies.send(response, form.whole(answer));
      end(End.COMPLETED);
    }
  }

  private void flushStream() {
    sendHead();
    while (!over && !stalled) {
      if (response.writeQueueFull()) {
        response.drainHandler(drained -> flush());
        return;
      }
      int ready = Math.min(generated, cut);
      boolean last = finished || ready == cut;
      if (ready - written < faults.mergeFrames() && !last) {
        return;
      }
      if (!writeTokens(Math.min(ready, written + BATCH)) && !endStream()) {
        return;
      }
    }
  }

  private boolean writeTokens(int upTo) {
    if (upTo == written) {
      return false;
    }
    Buffer out = Buffer.buffer(256 * (upTo - written));
    StreamForm form = openStream(out);
    while (written < upTo) {
      form.token(written++, out);
    }
    if (written == answer.length && finished && written < cut) {
      form.end(out);
      write(out);
      response.end();
      end(End.COMPLETED);
    } else {
      write(out);
    }
    return true;
  }

  private StreamForm openStream(Buffer out) {
    StreamForm opened = stream;
    if (opened == null) {
      opened = form.stream(answer);
      opened.begin(out);
      stream = opened;
    }
    return opened;
  }

  /** True when something happened at the end of what is written. */
  private boolean endStream() {
    if (written >= cut) {
      strikeStream();
      return true;
    }
    if (finished && written == answer.length) {
      Buffer out = Buffer.buffer();
      openStream(out).end(out);
      write(out);
      response.end();
      end(End.COMPLETED);
      return true;
    }
    return false;
  }

  private void strikeStream() {
    if (cut == limit(faults.stallAfterTokens())) {
      stalled = true;
      counters.faulted.increment();
      return;
    }
    if (cut == limit(faults.dieAfterTokens())) {
      FaultyOutput.reset(request.connection());
    } else if (cut == limit(faults.truncateAfterTokens())) {
      response.end();
    } else {
      Buffer out = Buffer.buffer();
      form.failure(engineFailed(), out);
      write(out);
      response.end();
    }
    end(End.FAULT);
  }

  private void strikeWhole() {
    if (cut == limit(faults.stallAfterTokens())) {
      stalled = true;
      counters.faulted.increment();
      return;
    }
    if (cut == limit(faults.dieAfterTokens())) {
      FaultyOutput.reset(request.connection());
    } else if (cut == limit(faults.truncateAfterTokens())) {
      Reply whole = form.whole(answer);
      response.setChunked(true).putHeader("content-type", whole.contentType());
      response.end(whole.body().substring(0, whole.body().length() / 2));
    } else {
      Replies.send(response, engine.dialect().refusal(engineFailed(), request.path()));
    }
    end(End.FAULT);
  }

  private void sendHead() {
    if (response.headWritten()) {
      return;
    }
    response.setChunked(true);
    response.putHeader("content-type", EVENT_STREAM);
    response.writeHead();
    lastWriteAt = System.nanoTime();
    armPing(pingMs);
    if (cut == 0) {
      strikeStream();
    }
  }

  private void end(End end) {
    over = true;
    engine.vertx().cancelTimer(ping);
    switch (end) {
      case COMPLETED -> counters.completed.increment();
      case CLIENT_LEFT -> counters.aborted.increment();
      case FAULT -> counters.faulted.increment();
    }
    CostModel.Sequence ended = Objects.requireNonNull(sequence);
    if (end == End.CLIENT_LEFT) {
      engine.abandon(ended);
    } else {
      engine.ended(ended);
    }
  }

  private HeadTiming timing() {
    return engine.dialect().headTiming();
  }

  private boolean streams() {
    return answer.ask.stream();
  }

  private static Refusal engineFailed() {
    return Refusal.of(Refusal.Kind.INTERNAL, "the engine failed while it generated");
  }

  private static int cut(SimFaults faults) {
    return Math.min(
        Math.min(limit(faults.dieAfterTokens()), limit(faults.truncateAfterTokens())),
        Math.min(limit(faults.errorAfterTokens()), limit(faults.stallAfterTokens())));
  }

  private static int limit(int tokens) {
    return tokens < 0 ? Integer.MAX_VALUE : tokens;
  }
}

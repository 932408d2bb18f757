package dev.headrace.worker.sim;

import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * A prompt that is only read: the answer is there when its prefill is. Confined to the worker's
 * event loop.
 */
final class ReadingJob implements CostModel.Listener {
  private final HttpServerRequest request;
  private final SimEngine engine;
  private final SimRoute.Reading.Read read;
  private final String model;
  private CostModel.@Nullable Sequence sequence;
  private boolean over;

  ReadingJob(HttpServerRequest request, SimEngine engine, SimRoute.Reading.Read read) {
    this.request = request;
    this.engine = engine;
    this.read = read;
    this.model = engine.dialect().toldModel(engine.options(), read.model());
  }

  /** False when it can never fit into the KV cache. */
  boolean submit() {
    request
        .response()
        .closeHandler(
            closed -> {
              if (!over && sequence != null) {
                over = true;
                engine.counters().aborted.increment();
                engine.abandon(sequence);
              }
            });
    CostModel.Sequence submitted =
        engine.loop().submit(read.prompt(), engine.salt(model, ""), 1, this);
    if (submitted == null) {
      over = true;
      return false;
    }
    sequence = submitted;
    engine.began(submitted);
    engine.loop().kick();
    return true;
  }

  @Override
  public void started(int cachedTokens) {
    engine.counters().promptTokens.add(read.prompt().length);
    engine.counters().cachedTokens.add(cachedTokens);
  }

  @Override
  public void token() {}

  @Override
  public void finished() {
    if (over) {
      return;
    }
    over = true;
    if (sequence != null) {
      engine.ended(sequence);
    }
    Replies.send(request.response(), read.result().of(model, engine.nextId(), engine.nowSeconds()));
    engine.counters().completed.increment();
  }
}

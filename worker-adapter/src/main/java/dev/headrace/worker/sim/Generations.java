package dev.headrace.worker.sim;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests into the engine: model, context, limits, faults on requests. Confined to the
 * worker's event loop.
 */
final class Generations {
  private final Vertx vertx;
  private final SimEngine engine;
  private final SimDialect dialect;

  Generations(Vertx vertx, SimEngine engine) {
    this.vertx = vertx;
    this.engine = engine;
    this.dialect = engine.dialect();
  }

  void generate(HttpServerRequest request, AnswerForm form, JsonObject body) {
    SimFaults faults = engine.faultsOfRequest();
    if (struck(request, faults)) {
      return;
    }
    Ask ask = form.read(body);
    Refusal refusal = refusal(ask.model(), ask.prompt().length, ask.maxTokens());
    if (refusal != null) {
      refuse(request, form, ask, refusal);
      return;
    }
    String model = dialect.toldModel(engine.options(), ask.model());
    Answer answer =
        Lengths.answer(engine.options(), ask, engine.nextId(), engine.nowSeconds(), model);
    long salt = engine.salt(model, OpenAiRequests.text(body, "cache_salt"));
    if (!new Generation(request, engine, form, answer, faults).submit(salt)) {
      refuse(request, form, ask, tooLong(ask.prompt().length));
    }
  }

  void read(HttpServerRequest request, SimRoute.Reading.Read read) {
    SimFaults faults = engine.faultsOfRequest();
    if (struck(request, faults)) {
      return;
    }
    Refusal refusal = refusal(read.model(), read.prompt().length, 0);
    if (refusal == null && !new ReadingJob(request, engine, read).submit()) {
      refusal = tooLong(read.prompt().length);
    }
    if (refusal != null) {
      throw new Refusal.Refused(refusal);
    }
  }

  /** True when a fault has taken the request. */
  private boolean struck(HttpServerRequest request, SimFaults faults) {
    if (faults.closeBeforeHead()) {
      engine.counters().faulted.increment();
      request.connection().close();
      return true;
    }
    if (faults.stallBeforeHead()) {
      engine.counters().faulted.increment();
      return true;
    }
    if (faults.failStatus() == 0) {
      return false;
    }
    engine.counters().faulted.increment();
    Reply reply = dialect.refusal(failure(faults.failStatus()), request.path());
    Reply failed =
        new Reply(faults.failStatus(), reply.contentType(), reply.body(), reply.headers());
    if (faults.failDelayMs() == 0) {
      Replies.send(request.response(), failed);
    } else {
      vertx.setTimer(faults.failDelayMs(), fired -> Replies.send(request.response(), failed));
    }
    return true;
  }

  private static Refusal failure(int status) {
    return switch (status) {
      case 429 -> Refusal.of(Refusal.Kind.RATE_LIMITED, "Too many requests");
      case 503 -> Refusal.of(Refusal.Kind.OVERLOADED, "The service is unavailable");
      default -> Refusal.of(Refusal.Kind.INTERNAL, "the engine failed");
    };
  }

  private @Nullable Refusal refusal(String model, int promptTokens, int maxTokens) {
    SimOptions options = engine.options();
    if (dialect.checksModel() && !model.isEmpty() && !options.serves(model)) {
      return new Refusal(
          Refusal.Kind.UNKNOWN_MODEL,
          "The model `" + model + "` does not exist.",
          "model",
          promptTokens,
          0);
    }
    boolean total = !options.engine().equals("llamacpp") && maxTokens > 0;
    if (promptTokens + (total ? (long) maxTokens : 1) > options.contextTokens()) {
      return tooLong(promptTokens);
    }
    return engine.admits() ? null : Refusal.of(Refusal.Kind.OVERLOADED, dialect.overloadMessage());
  }

  private Refusal tooLong(int promptTokens) {
    return new Refusal(
        Refusal.Kind.CONTEXT_TOO_LONG,
        dialect.tooLongMessage(promptTokens, engine.options().contextTokens()),
        "input_tokens",
        promptTokens,
        engine.options().contextTokens());
  }

  private void refuse(HttpServerRequest request, AnswerForm form, Ask ask, Refusal refusal) {
    if (!ask.stream() || !dialect.refusesInStream(refusal.kind())) {
      throw new Refusal.Refused(refusal);
    }
    engine.counters().refused.increment();
    Buffer out = Buffer.buffer();
    form.failure(refusal, out);
    request.response().setChunked(true).putHeader("content-type", Generation.EVENT_STREAM).end(out);
  }
}

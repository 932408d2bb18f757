package dev.headrace.worker.sim;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;

/** What stands behind one path. */
sealed interface SimRoute {

  /** Answered at once from what is known: model lists, health, metrics. */
  record Page(Source source, boolean load) implements SimRoute {
    /** Makes the page. */
    interface Source {
      Reply of(EngineView view, HttpServerRequest request);
    }

    static Page of(Source source) {
      return new Page(source, false);
    }

    /** A page that shows load figures: the faults on gauges apply. */
    static Page ofLoad(Source source) {
      return new Page(source, true);
    }
  }

  /** A JSON question that costs no engine time: tokenizer, token counts. */
  record Question(Answerer answerer) implements SimRoute {
    /** Makes the answer; may throw {@link Refusal.Refused}. */
    interface Answerer {
      Reply of(JsonObject body);
    }
  }

  /** Text is read by the engine and the answer comes in one piece: embeddings, rerank. */
  record Reading(Reader reader, boolean multipart) implements SimRoute {
    /** Reads the request; may throw {@link Refusal.Refused}. */
    interface Reader {
      Read read(JsonObject body);
    }

    /** What to compute, and the answer to give when that is done. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Read(String model, int[] prompt, Result result) {}

    /** Makes the answer. */
    interface Result {
      Reply of(String toldModel, String id, long created);
    }
  }

  /** Text is generated. */
  record Generating(AnswerForm form) implements SimRoute {}
}

package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** How one endpoint of one dialect reads a request and writes an answer. Stateless. */
interface AnswerForm {

  /**
   * Reads a request.
   *
   * @throws Refusal.Refused when it is not one
   */
  Ask read(JsonObject body);

  /** A writer for one event stream. */
  StreamForm stream(Answer answer);

  /** The answer in one piece. */
  Reply whole(Answer answer);

  /** What a stream ends with when the engine fails after the head. */
  void failure(Refusal refusal, Buffer out);
}

package dev.headrace.worker.sim;

import io.vertx.core.buffer.Buffer;

/** Writes one event stream; made for one answer. */
interface StreamForm {

  /** What stands before the first token and is sent together with it. */
  void begin(Buffer out);

  void token(int place, Buffer out);

  /** What stands after the last token: finish, usage, end mark. */
  void end(Buffer out);
}

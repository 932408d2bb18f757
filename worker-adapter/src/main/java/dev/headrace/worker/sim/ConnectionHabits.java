package dev.headrace.worker.sim;

/**
 * When an engine's HTTP server closes connections of its own accord. Times are milliseconds; 0 is
 * never.
 *
 * @param unusedMs without a first request
 * @param idleMs between two requests
 * @param requests after so many answers, the last of which announces it
 * @param afterStream after each event stream, without a word before
 * @param afterError after an answer with a status of 400 and above, which announces it
 */
record ConnectionHabits(
    int unusedMs, int idleMs, int requests, boolean afterStream, boolean afterError) {

  /** vLLM's and SGLang's server. */
  static final ConnectionHabits UVICORN = new ConnectionHabits(0, 5_000, 0, false, false);

  /** llama-server's. */
  static final ConnectionHabits CPP_HTTPLIB = new ConnectionHabits(5_000, 5_000, 100, true, true);

  /** TGI's. */
  static final ConnectionHabits HYPER = new ConnectionHabits(0, 0, 0, false, false);
}

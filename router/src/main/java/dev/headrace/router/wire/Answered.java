package dev.headrace.router.wire;

import io.netty.buffer.ByteBuf;

/**
 * Hears what becomes of one request to a worker. {@link #ended} or {@link #failed} is the last word
 * unless the call is abandoned before; then there is none. Called on the loop that asked.
 */
public interface Answered {

  /** Why there is no whole answer. */
  enum Failure {
    /** No connection could be made. */
    CONNECT,
    /**
     * This process could not: it has no descriptor or no port left. The worker has no part in it.
     */
    LOCAL,
    /** The connection closed before a byte of an answer. */
    CLOSED,
    /** The answer broke off, or is none. */
    BROKEN
  }

  /** The connection broke in the moment of its reuse; the request goes out on a fresh one. */
  void sentAgain();

  /**
   * The head of the answer.
   *
   * @param chunked the body is framed in chunks
   */
  void head(int status, Fields fields, boolean chunked);

  /**
   * Some of the body.
   *
   * @param bytes the content, from 0 to {@code length}, valid during the call
   * @param read what was read from the connection, valid during the call unless retained
   * @param from where all of this content stands in {@code read}, with its framing if chunked; -1
   *     when it does not stand there in one range
   * @param to behind it
   */
  void content(byte[] bytes, int length, ByteBuf read, int from, int to);

  /** What was at hand has been read: now is the time to flush. */
  void readComplete();

  /** The answer is whole. */
  void ended();

  /**
   * There is no whole answer.
   *
   * @param detail for the log, never for a client: it may name addresses
   */
  void failed(Failure failure, String detail);

  /** One of the methods above threw. */
  void faulted(RuntimeException fault);
}

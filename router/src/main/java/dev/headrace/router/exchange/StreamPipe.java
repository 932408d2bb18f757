package dev.headrace.router.exchange;

import io.vertx.core.buffer.Buffer;

/**
 * The way of one answer's bytes from a worker's connection to the client's: the seam under which a
 * leaner form on bare channels can be put without touching what is above. It owns back-pressure
 * (the worker is paused while the client is slow) and gathering (what one read brought goes out
 * with one write). It decides nothing: the {@link Listener} looks at what arrives and sends on what
 * may pass. Confined to one event loop.
 */
interface StreamPipe {

  /** What happens on the worker's side. */
  interface Listener {
    void arrived(Buffer bytes);

    /** The body ended as its framing says. */
    void ended();

    /** The connection broke before that. */
    void broke(Throwable cause);
  }

  /** Starts the flow. */
  void open(Listener listener);

  /** Puts a copy of these bytes behind what was sent before. */
  void send(byte[] bytes, int from, int to);

  /** Puts these bytes behind what was sent before; they must not change any more. */
  void send(Buffer bytes);

  /** Writes now what was gathered. */
  void flush();

  /** Ends the client's answer after everything that was sent. */
  void end();

  /** True while the worker is paused because the client does not take what it is given. */
  boolean clientIsSlow();

  /** Stops both the worker and the listener; what was gathered is dropped. */
  void close();
}

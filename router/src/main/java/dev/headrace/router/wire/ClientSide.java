package dev.headrace.router.wire;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request of a client and the way back to it. Nothing is written after the answer ended or the
 * client left. Confined to one event loop.
 */
public interface ClientSide {

  /** What comes from the client. */
  interface Listener {
    /** A piece of the body; the array is the listener's from now on. */
    void body(byte[] array, int from, int to);

    void bodyEnded();

    /** The client left before its answer ended. Told once at most. */
    void gone();

    /** The client takes bytes again: {@link #full} was true and is not any more. */
    void drained();

    /** One of the methods above threw. */
    void faulted(RuntimeException fault);
  }

  /** Begins to read the body. Must be called in the handler of the request. */
  void listen(Listener listener);

  /** The value of the request's first header line of that name, or null. */
  @Nullable String header(CharSequence name);

  /** The values of all of the request's header lines of that name. */
  List<String> headers(CharSequence name);

  /** The whole body has arrived. */
  boolean bodyEnded();

  /** Sets a header line of the answer, whose head is not decided yet. */
  void field(CharSequence name, CharSequence value);

  /** Is called once, just before the head is written, whatever the answer is. */
  void beforeHead(Runnable lastWords);

  /** Makes this the last answer on its connection; what the client sends after it is not read. */
  void last();

  /** An answer has begun: no other status can be sent. */
  boolean begun();

  /** The answer has ended, or the client left. */
  boolean over();

  /**
   * Begins an answer. Its head goes out with the first bytes.
   *
   * @param length of the body, or -1 when it is not known
   */
  void begin(int status, long length);

  /** Puts a copy of these bytes behind what was written before. */
  void write(byte[] bytes, int from, int to);

  /** Puts content behind what was written before, and takes the buffer over. */
  void write(ByteBuf content);

  /** True when the answer's body is framed in chunks and its head is out. */
  boolean takesChunks();

  /** Writes whole chunks with their framing, which {@link #takesChunks}; takes the buffer over. */
  void writeChunks(ByteBuf chunks, int contentLength);

  /** Hands what was written to the socket. */
  void flush();

  /** The client does not take what it is given: as much waits for it as may. */
  boolean full();

  /** The proper end. */
  void end();

  /** Breaks off an answer that cannot say that it failed. */
  void abort();

  /** Content that was written. */
  long bytesOut();
}

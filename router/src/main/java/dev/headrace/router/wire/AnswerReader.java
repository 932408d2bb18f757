package dev.headrace.router.wire;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one HTTP/1.1 answer of a worker, in whatever pieces it arrives (RFC 9112). Interim answers
 * (1xx) are passed over. Lines may end with a bare LF; whatever leaves the body's length in doubt
 * is refused.
 *
 * <p>The content of one read is gathered into an array, since that is what looks at it want. Where
 * a read held whole chunks in their plainest form and nothing else of the body, {@link
 * Sink#content} is also told where they stand with their framing, so that they can go on as they
 * came.
 *
 * <p>Holds at most {@link #MAX_HEAD} bytes of an unfinished line or head. One instance reads one
 * answer. Confined to one event loop.
 */
final class AnswerReader {
  /** Bytes of an answer's head, and of all its trailers. */
  static final int MAX_HEAD = 32 * 1024;

  private static final int MAX_SIZE_DIGITS = 15;

  /** What is found. Nothing is called after {@link #ended} or a throw. */
  interface Sink {
    /** Each answer has one head; {@code chunked} says how the body is framed. */
    void head(int status, Fields fields, boolean chunked);

    /**
     * Content of the body, never empty.
     *
     * @param bytes valid during the call, from 0 to {@code length}
     * @param read what was read
     * @param from where the same content stands in it, with the framing if the body is chunked; -1
     *     when it does not stand there as one range
     * @param to behind it
     */
    void content(byte[] bytes, int length, ByteBuf read, int from, int to);

    /** The answer is whole. */
    void ended();
  }

  /** The answer cannot be understood. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message, null, false, false);
    }
  }

  private enum State {
    STATUS,
    FIELDS,
    FIXED,
    CHUNK_SIZE,
    CHUNK_DATA,
    CHUNK_END,
    TRAILERS,
    UNTIL_CLOSE,
    DONE
  }

  /** An array for the content of one read; shared by the connections of a loop. */
  static final class Scratch {
    private byte[] bytes = new byte[64 * 1024];

    private byte[] room(int length) {
      if (length > bytes.length) {
        bytes = new byte[Integer.highestOneBit(length - 1) << 1];
      }
      return bytes;
    }
  }

  private final Scratch scratch;
  private State state = State.STATUS;
  private int status;
  private Fields fields = new Fields();
  private boolean http10;
  private boolean chunked;
  private boolean keepAlive;
  private long left;
  private int headBytes;
  private byte @Nullable [] carried;
  private boolean any;

  AnswerReader(Scratch scratch) {
    this.scratch = scratch;
  }

  /** A byte of an answer has arrived. */
  boolean begun() {
    return any;
  }

  boolean done() {
    return state == State.DONE;
  }

  /** The connection may serve another request after this answer. */
  boolean keepAlive() {
    return keepAlive && state == State.DONE;
  }

  /**
   * Reads on. Bytes behind the answer's end are left unread.
   *
   * @throws Malformed when what arrived is no answer
   */
  void read(ByteBuf in, Sink out) throws Malformed {
    any |= in.isReadable();
    byte[] content = scratch.room(in.readableBytes());
    int length = 0;
    int from = -1;
    int to = -1;
    boolean plain = state == State.CHUNK_SIZE && carried == null;
    while (in.isReadable() && state != State.DONE) {
      switch (state) {
        case STATUS, FIELDS -> {
          if (readHead(in, out) && chunked) {
            plain = true;
          }
        }
        case FIXED, UNTIL_CLOSE -> {
          int size = (int) Math.min(left, in.readableBytes());
          from = in.readerIndex();
          to = from + size;
          in.readBytes(content, 0, size);
          length = size;
          left -= state == State.FIXED ? size : 0;
          if (left == 0) {
            state = State.DONE;
          }
        }
        case CHUNK_SIZE -> {
          int lineAt = in.readerIndex();
          plain &= readSize(in);
          if (state == State.CHUNK_DATA && from < 0) {
            from = lineAt;
          }
        }
        case CHUNK_DATA -> {
          int size = (int) Math.min(left, in.readableBytes());
          in.readBytes(content, length, size);
          length += size;
          left -= size;
          if (left == 0) {
            state = State.CHUNK_END;
          }
        }
        case CHUNK_END -> {
          plain &= readChunkEnd(in);
          to = in.readerIndex();
        }
        case TRAILERS -> readTrailer(in);
        case DONE -> throw new IllegalStateException();
      }
    }
    if (length > 0) {
      boolean asItCame =
          !chunked || (plain && state != State.CHUNK_DATA && state != State.CHUNK_END);
      out.content(content, length, in, asItCame ? from : -1, to);
    }
    if (state == State.DONE) {
      out.ended();
    }
  }

  /**
   * The connection was closed.
   *
   * @return true when that is the proper end of the answer
   */
  boolean closed() {
    if (state == State.UNTIL_CLOSE) {
      state = State.DONE;
      return true;
    }
    return false;
  }

  /** True when the head of a final answer was complete. */
  private boolean readHead(ByteBuf in, Sink out) throws Malformed {
    String line = line(in);
    if (line == null) {
      return false;
    }
    headBytes += line.length() + 2;
    if (headBytes > MAX_HEAD) {
      throw new Malformed("the answer's head is too large");
    }
    if (state == State.STATUS) {
      if (!line.isEmpty()) {
        readStatus(line);
      }
      return false;
    }
    if (!line.isEmpty()) {
      readField(line);
      return false;
    }
    if (status == 101) {
      throw new Malformed("the worker switched protocols, which nobody asked for");
    }
    if (status < 200) {
      state = State.STATUS;
      fields = new Fields();
      return false;
    }
    frame();
    out.head(status, fields, chunked);
    return true;
  }

  private void readStatus(String line) throws Malformed {
    boolean known =
        line.length() >= 12
            && line.startsWith("HTTP/1.")
            && (line.charAt(7) == '1' || line.charAt(7) == '0')
            && line.charAt(8) == ' '
            && (line.length() == 12 || line.charAt(12) == ' ');
    int code = 0;
    for (int i = 9; known && i < 12; i++) {
      known = line.charAt(i) >= '0' && line.charAt(i) <= '9';
      code = code * 10 + line.charAt(i) - '0';
    }
    if (!known || code < 100) {
      throw new Malformed("the answer does not begin with an HTTP/1.1 status line");
    }
    http10 = line.charAt(7) == '0';
    status = code;
    state = State.FIELDS;
  }

  private void readField(String line) throws Malformed {
    int colon = line.indexOf(':');
    if (colon <= 0 || line.charAt(0) == ' ' || line.charAt(0) == '\t') {
      throw new Malformed("the answer has a header line that is none");
    }
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      boolean bad = c == 127 || (i < colon ? c <= ' ' : c < ' ' && c != '\t');
      if (bad) {
        throw new Malformed("a header line of the answer has a control character");
      }
    }
    fields.add(line.substring(0, colon), line.substring(colon + 1).strip());
  }

  /** How long the body is: RFC 9112, 6.3. */
  private void frame() throws Malformed {
    keepAlive =
        http10 ? fields.says("connection", "keep-alive") : !fields.says("connection", "close");
    List<String> codings = fields.all("transfer-encoding");
    List<String> lengths = fields.all("content-length");
    if (status == 204 || status == 304) {
      // A body that these must not have, and that may follow all the same.
      keepAlive &= codings.isEmpty() && (lengths.isEmpty() || length(lengths) == 0);
      state = State.DONE;
    } else if (!codings.isEmpty()) {
      if (codings.size() > 1 || !codings.get(0).equalsIgnoreCase("chunked")) {
        throw new Malformed("the answer has a transfer coding that is not understood");
      }
      keepAlive &= lengths.isEmpty() && !http10;
      chunked = true;
      state = State.CHUNK_SIZE;
    } else if (!lengths.isEmpty()) {
      left = length(lengths);
      state = left == 0 ? State.DONE : State.FIXED;
    } else {
      keepAlive = false;
      left = Long.MAX_VALUE;
      state = State.UNTIL_CLOSE;
    }
  }

  private static long length(List<String> told) throws Malformed {
    String text = told.get(0);
    for (String other : told) {
      if (!other.equals(text)) {
        throw new Malformed("the answer tells two lengths");
      }
    }
    if (text.isEmpty() || text.length() > 18) {
      throw new Malformed("the answer's length is no number");
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        throw new Malformed("the answer's length is no number");
      }
    }
    return Long.parseLong(text);
  }

  /**
   * False when the line said more than the size or was cut in two: it cannot go on as it came. The
   * usual line is read where it stands.
   */
  private boolean readSize(ByteBuf in) throws Malformed {
    if (carried == null) {
      int at = in.readerIndex();
      int end = Math.min(in.writerIndex(), at + MAX_SIZE_DIGITS + 1);
      long size = 0;
      int i = at;
      for (int digit; i < end && (digit = Character.digit(in.getByte(i), 16)) >= 0; i++) {
        size = size * 16 + digit;
      }
      boolean usual =
          i > at
              && i <= at + MAX_SIZE_DIGITS
              && i + 1 < in.writerIndex()
              && in.getByte(i) == '\r'
              && in.getByte(i + 1) == '\n';
      if (usual) {
        in.readerIndex(i + 2);
        sized(size);
        return true;
      }
    }
    String line = line(in);
    if (line == null) {
      return true;
    }
    int digits = 0;
    while (digits < line.length() && Character.digit(line.charAt(digits), 16) >= 0) {
      digits++;
    }
    if (digits > MAX_SIZE_DIGITS) {
      throw new Malformed("a chunk of the answer is too large");
    }
    String rest = line.substring(digits).strip();
    if (digits == 0 || !(rest.isEmpty() || rest.startsWith(";"))) {
      throw new Malformed("the answer has a chunk without a size");
    }
    sized(Long.parseLong(line.substring(0, digits), 16));
    return false;
  }

  private void sized(long size) {
    left = size;
    if (size == 0) {
      headBytes = 0;
      state = State.TRAILERS;
    } else {
      state = State.CHUNK_DATA;
    }
  }

  /** True when a chunk ended as it should: CR LF, both at hand. */
  private boolean readChunkEnd(ByteBuf in) throws Malformed {
    boolean pieced = carried != null;
    int start = in.readerIndex();
    String line = line(in);
    if (line == null) {
      return false;
    }
    if (!line.isEmpty()) {
      throw new Malformed("a chunk of the answer is longer than its size");
    }
    state = State.CHUNK_SIZE;
    return !pieced && in.readerIndex() - start == 2;
  }

  private void readTrailer(ByteBuf in) throws Malformed {
    String line = line(in);
    if (line == null) {
      return;
    }
    headBytes += line.length();
    if (headBytes > MAX_HEAD) {
      throw new Malformed("the answer's trailers are too large");
    }
    if (line.isEmpty()) {
      state = State.DONE;
    }
  }

  /** The next line without its end, or null when it has not arrived as a whole: it is kept. */
  private @Nullable String line(ByteBuf in) throws Malformed {
    int at = in.forEachByte(ByteProcessor.FIND_LF);
    int size = (at < 0 ? in.writerIndex() : at) - in.readerIndex();
    byte[] before = carried;
    int had = before == null ? 0 : before.length;
    if (had + size > MAX_HEAD) {
      throw new Malformed("a line of the answer is too long");
    }
    if (at >= 0 && before == null) {
      // The usual case: nothing is copied but the text itself.
      boolean cr = size > 0 && in.getByte(at - 1) == '\r';
      String text =
          size == 0 || (size == 1 && cr)
              ? ""
              : in.toString(in.readerIndex(), cr ? size - 1 : size, StandardCharsets.ISO_8859_1);
      in.readerIndex(at + 1);
      return text;
    }
    byte[] all = new byte[had + size];
    if (before != null) {
      System.arraycopy(before, 0, all, 0, had);
    }
    in.readBytes(all, had, size);
    if (at < 0) {
      carried = all;
      return null;
    }
    in.skipBytes(1);
    carried = null;
    int end = all.length > 0 && all[all.length - 1] == '\r' ? all.length - 1 : all.length;
    return new String(all, 0, end, StandardCharsets.ISO_8859_1);
  }
}

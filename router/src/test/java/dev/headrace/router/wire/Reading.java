package dev.headrace.router.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads one answer in pieces and remembers all that was told. */
final class Reading implements AnswerReader.Sink {
  private static final int RUBBISH = 5;

  /** What one call told of the body: the content, and the range as it came, or null. */
  record Told(byte[] content, byte[] asItCame) {}

  final AnswerReader reader = new AnswerReader(new AnswerReader.Scratch());
  final List<Told> told = new ArrayList<>();
  int heads;
  int status;
  List<String> fields = List.of();
  boolean chunked;
  boolean ended;

  /** Bytes that were left in what was read when the answer ended. */
  int unread;

  /**
   * Reads bytes, cut into pieces of these sizes, again and again; all at once when there are none.
   */
  static Reading of(byte[] bytes, List<Integer> cuts) throws AnswerReader.Malformed {
    Reading reading = new Reading();
    int at = 0;
    for (int i = 0; at < bytes.length && !reading.ended; i++) {
      int size = cuts.isEmpty() ? bytes.length : cuts.get(i % cuts.size());
      int to = Math.min(bytes.length, at + size);
      reading.piece(bytes, at, to);
      at = to;
    }
    reading.unread += bytes.length - at;
    return reading;
  }

  /** Gives one piece, with rubbish on both sides: only what is readable may be looked at. */
  void piece(byte[] bytes, int from, int to) throws AnswerReader.Malformed {
    ByteBuf in = Unpooled.buffer(to - from + 2 * RUBBISH);
    try {
      in.writeBytes("5\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      in.writeBytes(bytes, from, to - from);
      int end = in.writerIndex();
      in.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      in.readerIndex(RUBBISH).writerIndex(end);
      reader.read(in, this);
      unread = in.readableBytes();
      if (unread > 0 && !ended) {
        throw new AssertionError("stopped before the end, with " + unread + " bytes unread");
      }
    } finally {
      in.release();
    }
  }

  @Override
  public void head(int told, Fields lines, boolean inChunks) {
    heads++;
    status = told;
    chunked = inChunks;
    fields = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      fields.add(lines.name(i) + "=" + lines.value(i));
    }
  }

  @Override
  public void content(byte[] bytes, int length, ByteBuf read, int from, int to) {
    if (heads != 1 || ended || length <= 0) {
      throw new AssertionError("content that must not be");
    }
    byte[] content = new byte[length];
    System.arraycopy(bytes, 0, content, 0, length);
    byte[] asItCame = null;
    if (from >= 0) {
      asItCame = new byte[to - from];
      read.getBytes(from, asItCame);
    }
    told.add(new Told(content, asItCame));
  }

  @Override
  public void ended() {
    if (ended) {
      throw new AssertionError("ended twice");
    }
    ended = true;
  }

  byte[] content() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    told.forEach(one -> all.writeBytes(one.content()));
    return all.toByteArray();
  }
}

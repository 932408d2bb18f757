package dev.headrace.router.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** Writes the head of a request to a worker. Pure. */
final class RequestHead {
  private static final int TYPICAL = 768;
  private static final byte[] POST = ascii("POST ");
  private static final byte[] VERSION = ascii(" HTTP/1.1\r\nHost: ");
  private static final byte[] LENGTH = ascii("\r\nContent-Length: ");
  private static final byte[] END = ascii("\r\n");
  private static final byte[] COLON = ascii(": ");

  private RequestHead() {}

  /**
   * The head.
   *
   * @param room bytes that the buffer should have room for behind it
   * @throws IllegalArgumentException when a text has a control character: it could say more than a
   *     line
   */
  static ByteBuf write(
      ByteBufAllocator buffers, String target, String host, Fields fields, long length, int room) {
    ByteBuf out = buffers.buffer(TYPICAL + room);
    try {
      out.writeBytes(POST);
      text(out, target);
      out.writeBytes(VERSION);
      text(out, host);
      out.writeBytes(LENGTH);
      out.writeCharSequence(Long.toString(length), StandardCharsets.US_ASCII);
      out.writeBytes(END);
      for (int i = 0; i < fields.size(); i++) {
        text(out, fields.name(i));
        out.writeBytes(COLON);
        text(out, fields.value(i));
        out.writeBytes(END);
      }
      return out.writeBytes(END);
    } catch (RuntimeException e) {
      out.release();
      throw e;
    }
  }

  private static void text(ByteBuf out, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < ' ' && c != '\t') || c == 127) {
        throw new IllegalArgumentException("a control character in the head of a request");
      }
    }
    out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

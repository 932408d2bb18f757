package dev.headrace.router.exchange;

import dev.headrace.router.wire.ClientSide;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What one read of a worker's connection brought, while it is looked at. Where all of it may go on,
 * it goes as it came, framing included if both sides are chunked; nothing is copied then. Confined
 * to one event loop.
 */
final class Portion {
  private byte @Nullable [] bytes;
  private int length;
  private @Nullable ByteBuf read;
  private int from;
  private int to;

  /** See {@link dev.headrace.router.wire.Answered#content}. */
  void hold(byte[] content, int count, ByteBuf buffer, int start, int end) {
    bytes = content;
    length = count;
    read = buffer;
    from = start;
    to = end;
  }

  void letGo() {
    bytes = null;
    read = null;
  }

  /** The content, valid from 0 to {@link #length}. */
  byte[] bytes() {
    byte[] content = bytes;
    if (content == null) {
      throw new IllegalStateException("nothing was read");
    }
    return content;
  }

  int length() {
    return length;
  }

  /** Some bytes may go on: all of the content, a part of it, or others that were held back. */
  void pass(byte[] passed, int start, int end, boolean chunked, ClientSide client) {
    if (passed == bytes && start == 0 && end == length) {
      passAll(chunked, client);
    } else {
      client.write(passed, start, end);
    }
  }

  /** All of the content goes on. */
  void passAll(boolean chunked, ClientSide client) {
    ByteBuf buffer = read;
    if (buffer == null || from < 0) {
      client.write(bytes(), 0, length);
    } else if (!chunked) {
      client.write(buffer.retainedSlice(from, to - from));
    } else if (client.takesChunks()) {
      client.writeChunks(buffer.retainedSlice(from, to - from), length);
    } else {
      client.write(bytes(), 0, length);
    }
  }
}

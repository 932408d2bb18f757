package dev.headrace.router.scan;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Hashes the beginning of a prompt in blocks, each chained to the one before ({@link Prefix}). It
 * works on the bytes of the body as they are: conversations that grow send the same bytes again.
 *
 * <p>A block is a sixteenth of what stands before it in its part, at least {@value #LEAST} bytes:
 * what two prompts share is found to within 6 % of its length, and a megabyte has some 140 blocks.
 * Behind {@value #MOST_BYTES} bytes or {@value #MOST_BLOCKS} blocks nothing is hashed.
 *
 * <p>Eight bytes at a time are mixed into 64 bits by a multiplication and a shift. Equal blocks
 * have equal hashes; two different ones have the same with a chance of 2⁻⁶⁴, unless somebody looks
 * for such texts, who would gain a worker that is somebody else's and no more.
 */
public final class PrefixBlocks {
  static final int LEAST = 64;
  static final int MOST_BYTES = 1 << 20;
  static final int MOST_BLOCKS = 256;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long SEED = 0x9e3779b97f4a7c15L;
  private static final long PRIME = 0xd6e8feb86659fd93L;
  private static final Prefix NONE = new Prefix(new long[0], new int[0], 0);

  private final byte[] body;
  private long[] hashes = new long[32];
  private int[] ends = new int[32];
  private int size;
  private int position;
  private long hash = SEED;

  private PrefixBlocks(byte[] body) {
    this.body = body;
  }

  /**
   * Hashes a prompt.
   *
   * @param parts where it stands in the body, in the order in which an engine reads it
   */
  public static Prefix of(Pieces pieces, List<Span> parts) {
    byte[] body = pieces.copy(0, pieces.length());
    if (parts.isEmpty()) {
      return NONE;
    }
    PrefixBlocks blocks = new PrefixBlocks(body);
    int length = 0;
    for (int i = 0; i < parts.size(); i++) {
      Span part = parts.get(i);
      blocks.part(part.start(), part.end(), i < parts.size() - 1);
      length += part.end() - part.start();
    }
    return new Prefix(
        Arrays.copyOf(blocks.hashes, blocks.size), Arrays.copyOf(blocks.ends, blocks.size), length);
  }

  /**
   * @param whole another part follows, so that its last bytes count, too
   */
  private void part(int start, int end, boolean whole) {
    int stop = Math.min(end, start + Math.max(0, MOST_BYTES - position));
    int at = start;
    int blockEnd = start + LEAST;
    while (at + Long.BYTES <= stop && size < MOST_BLOCKS) {
      mix((long) LONGS.get(body, at));
      at += Long.BYTES;
      if (at == blockEnd) {
        block(position + at - start);
        blockEnd = at + Math.max(LEAST, (at - start) / 16 & -Long.BYTES);
      }
    }
    if (whole) {
      mix(end - start);
      for (; at < stop; at++) {
        mix(body[at]);
      }
    }
    position += end - start;
  }

  private void mix(long bits) {
    long z = (hash ^ bits) * PRIME;
    hash = z ^ (z >>> 32);
  }

  private void block(int end) {
    if (size == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
    }
    hashes[size] = hash * SEED;
    ends[size++] = end;
  }
}

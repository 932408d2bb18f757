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

  private long[] hashes = new long[32];
  private int[] ends = new int[32];
  private int size;
  private int position;
  private long hash = SEED;

  // The part in hand: bytes of it that were read, where its block ends, and up to seven bytes that
  // no word has yet, the first lowest.
  private int read;
  private int blockEnd;
  private long word;

  private PrefixBlocks() {}

  /**
   * Hashes a prompt.
   *
   * @param parts where it stands in the body, in the order in which an engine reads it
   */
  public static Prefix of(Pieces body, List<Span> parts) {
    PrefixBlocks blocks = new PrefixBlocks();
    for (int i = 0; i < parts.size(); i++) {
      blocks.part(body, parts.get(i), i < parts.size() - 1);
    }
    return new Prefix(
        Arrays.copyOf(blocks.hashes, blocks.size),
        Arrays.copyOf(blocks.ends, blocks.size),
        blocks.position);
  }

  /**
   * @param more another part follows, so that its last bytes count, too
   */
  private void part(Pieces body, Span at, boolean more) {
    int length = Math.min(at.length(), Math.max(0, MOST_BYTES - position));
    read = 0;
    blockEnd = LEAST;
    word = 0;
    body.forEach(at.start(), at.start() + length, this::range);
    if (more) {
      mix(at.length());
      for (int i = 0; i < length % Long.BYTES; i++) {
        mix((byte) (word >>> (8 * i)));
      }
    }
    position += at.length();
  }

  private void range(byte[] array, int from, int to) {
    int i = from;
    while (i < to && size < MOST_BLOCKS) {
      if (read % Long.BYTES == 0 && i <= to - Long.BYTES) {
        word = (long) LONGS.get(array, i);
        i += Long.BYTES;
        read += Long.BYTES;
      } else {
        int bits = 8 * (read % Long.BYTES);
        word = (bits == 0 ? 0 : word) | ((array[i++] & 0xffL) << bits);
        read++;
      }
      if (read % Long.BYTES == 0) {
        mix(word);
        if (read == blockEnd) {
          block(position + read);
          blockEnd = read + Math.max(LEAST, (read / 16) & -Long.BYTES);
        }
      }
    }
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

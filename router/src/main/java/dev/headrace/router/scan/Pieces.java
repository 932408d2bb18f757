package dev.headrace.router.scan;

import java.util.Arrays;

/**
 * A request body as it arrived: ranges of arrays, in order, which are never joined. Large arrays
 * stay what they are; small ones are gathered, so that a body that comes byte by byte costs about
 * its own size. Confined to one event loop.
 */
public final class Pieces {
  /** Pieces from this size on are not copied. */
  private static final int LARGE = 4096;

  /**
   * Sizes in bytes of what small pieces are gathered in: the first, and the last after doubling.
   */
  private static final int FIRST_TAIL = 512;

  private static final int LAST_TAIL = 8192;

  /** Takes one range of the body, from {@code from} up to {@code to}. It must not be written. */
  @FunctionalInterface
  public interface Range {
    void take(byte[] array, int from, int to);
  }

  private final long announced;
  private byte[][] arrays = new byte[2][];
  private int[] starts = new int[2];

  /** Where each piece begins in the body. */
  private int[] places = new int[2];

  private int count;
  private int length;
  private long held;
  private int tail = FIRST_TAIL;
  private int room;

  /**
   * @param announced bytes that the whole body will have, or below 0 when nobody said so
   */
  public Pieces(long announced) {
    this.announced = announced < 0 ? Long.MAX_VALUE : announced;
  }

  /**
   * Adds what came next. The array belongs to this body from now on: nobody may write to it.
   *
   * @throws ArithmeticException beyond 2³¹ - 1 bytes
   */
  public void add(byte[] array, int from, int to) {
    int size = to - from;
    int whole = Math.addExact(length, size);
    if (size > array.length / 2 && (size >= LARGE || (length == 0 && size == announced))) {
      piece(array, from);
      room = 0;
      tail = FIRST_TAIL;
      length = whole;
      return;
    }
    for (int at = from; at < to; ) {
      if (room == 0) {
        room = (int) Math.max(Math.min(tail, announced - length), to - at);
        tail = Math.min(2 * tail, LAST_TAIL);
        piece(new byte[room], 0);
      }
      int part = Math.min(room, to - at);
      byte[] last = arrays[count - 1];
      System.arraycopy(array, at, last, last.length - room, part);
      room -= part;
      length += part;
      at += part;
    }
  }

  private void piece(byte[] array, int from) {
    if (count == arrays.length) {
      arrays = Arrays.copyOf(arrays, 2 * count);
      starts = Arrays.copyOf(starts, 2 * count);
      places = Arrays.copyOf(places, 2 * count);
    }
    arrays[count] = array;
    starts[count] = from;
    places[count++] = length;
    held += array.length;
  }

  /** Bytes of the body so far. */
  public int length() {
    return length;
  }

  /** Bytes of memory that it occupies: all of each array of which it keeps a range. */
  public long held() {
    return held;
  }

  /** Visits the bytes from {@code from} up to {@code to} in order, range by range. */
  public void forEach(int from, int to, Range each) {
    if (from < 0 || to > length) {
      throw new IndexOutOfBoundsException(from + " to " + to + " of " + length + " bytes");
    }
    int found = Arrays.binarySearch(places, 0, count, from);
    int at = from;
    for (int i = found < 0 ? -found - 2 : found; at < to; i++) {
      int end = Math.min(to, i + 1 < count ? places[i + 1] : length);
      int shift = starts[i] - places[i];
      each.take(arrays[i], at + shift, end + shift);
      at = end;
    }
  }
}

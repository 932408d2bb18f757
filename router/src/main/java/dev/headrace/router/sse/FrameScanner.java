package dev.headrace.router.sse;

/**
 * Finds where frames end in a byte stream that arrives in any pieces. A frame ends with an empty
 * line; lines end with LF, CRLF or CR. State is three flags, so nothing is copied and nothing
 * grows.
 *
 * <p>When a frame ends with CR as the last byte at hand, an LF that may follow in the next piece
 * still belongs to it: {@link #takeOwedLf} must be asked first for each new piece. Confined to one
 * event loop.
 */
public final class FrameScanner {
  private boolean lineEmpty = true;
  private boolean crBefore;
  private boolean frameEndedWithCr;

  /** True when {@code first} is the LF that completes the line end of the frame before. */
  public boolean takeOwedLf(byte first) {
    boolean owed = frameEndedWithCr && first == '\n';
    frameEndedWithCr = false;
    if (owed) {
      crBefore = false;
    }
    return owed;
  }

  /**
   * Looks for the end of the current frame.
   *
   * @return the index after the frame's last byte, or -1 when it does not end before {@code to}
   */
  public int next(byte[] bytes, int from, int to) {
    boolean empty = lineEmpty;
    int i = from;
    if (crBefore && i < to) {
      crBefore = false;
      if (bytes[i] == '\n') {
        i++;
      }
    }
    for (; i < to; i++) {
      byte b = bytes[i];
      if (b == '\n') {
        if (empty) {
          return i + 1;
        }
        empty = true;
      } else if (b == '\r') {
        boolean last = i + 1 == to;
        boolean lf = !last && bytes[i + 1] == '\n';
        if (empty) {
          lineEmpty = true;
          frameEndedWithCr = last;
          return lf ? i + 2 : i + 1;
        }
        empty = true;
        crBefore = last;
        if (lf) {
          i++;
        }
      } else {
        empty = false;
      }
    }
    lineEmpty = empty;
    return -1;
  }
}

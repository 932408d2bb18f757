package dev.headrace.router.exchange;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.scan.BodySplice;
import dev.headrace.router.scan.Pieces;
import dev.headrace.router.scan.PrefixBlocks;
import dev.headrace.router.scan.ScannedRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The request body while it may still be needed: as it arrives, and for retries. What its pieces
 * hold is taken from the process's bound part by part and given back exactly once. Confined to one
 * event loop.
 */
final class RequestBody {
  private final long limit;
  private final Bounds bounds;
  private @Nullable Pieces pieces;
  private long taken;
  private long received;

  /**
   * @param limit bytes that a body may have
   * @param announced bytes that the client says it has, or -1
   */
  RequestBody(long limit, long announced, Bounds bounds) {
    this.limit = limit;
    this.bounds = bounds;
    this.pieces = new Pieces(announced);
  }

  /** Adds a piece and keeps its array; tells why it cannot, or null. */
  @Nullable ErrorCode add(byte[] array, int from, int to) {
    received += to - from;
    if (received > limit) {
      return ErrorCode.REQUEST_TOO_LARGE;
    }
    Pieces held = pieces();
    held.add(array, from, to);
    long more = held.held() - taken;
    if (!bounds.takeBodyBytes(more)) {
      return ErrorCode.ROUTER_OVERLOADED;
    }
    taken += more;
    return null;
  }

  String tooLarge() {
    return "The request body is larger than " + limit + " bytes.";
  }

  /** The same with what its prompt begins with, hashed. */
  ScannedRequest withPrefix(ScannedRequest scan) {
    return scan.with(PrefixBlocks.of(pieces(), scan.promptAt()));
  }

  static boolean usageCanBeAdded(ScannedRequest scan) {
    return BodySplice.canAskForUsage(scan);
  }

  /** The body as a worker needs it: the client's own bytes, with what has to change put between. */
  List<ByteBuf> forWorker(ScannedRequest scan, String model, boolean askForUsage) {
    String name = model.equals(scan.model()) ? null : model;
    List<ByteBuf> segments = new ArrayList<>();
    BodySplice.of(pieces(), scan, name, askForUsage)
        .forEach((array, from, to) -> segments.add(Unpooled.wrappedBuffer(array, from, to - from)));
    return segments;
  }

  /** Bytes that came from the client. */
  long received() {
    return received;
  }

  /** Nobody needs it any more. */
  void letGo() {
    pieces = null;
    bounds.giveBackBodyBytes(taken);
    taken = 0;
  }

  private Pieces pieces() {
    Pieces held = pieces;
    if (held == null) {
      throw new IllegalStateException("the body was let go");
    }
    return held;
  }
}

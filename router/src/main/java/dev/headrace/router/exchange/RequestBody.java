package dev.headrace.router.exchange;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.scan.BodyRefused;
import dev.headrace.router.scan.BodyScan;
import dev.headrace.router.scan.BodySplice;
import dev.headrace.router.scan.Pieces;
import dev.headrace.router.scan.PrefixBlocks;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.worker.Endpoint;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The request body while it may still be needed: as it arrives, and for retries. Its bytes are
 * taken from the process's bound part by part and given back exactly once. Confined to one event
 * loop.
 */
final class RequestBody {
  private final long limit;
  private final Bounds bounds;
  private @Nullable Buffer bytes;
  private @Nullable Pieces pieces;
  private long taken;
  private long received;

  RequestBody(long limit, Bounds bounds) {
    this.limit = limit;
    this.bounds = bounds;
  }

  /** Adds a part; tells why it cannot, or null. */
  @Nullable ErrorCode add(Buffer part) {
    int length = part.length();
    received += length;
    if (received > limit) {
      return ErrorCode.REQUEST_TOO_LARGE;
    }
    if (!bounds.takeBodyBytes(length)) {
      return ErrorCode.ROUTER_OVERLOADED;
    }
    taken += length;
    if (bytes == null) {
      bytes = part;
    } else {
      bytes.appendBuffer(part);
    }
    return null;
  }

  String tooLarge() {
    return "The request body is larger than " + limit + " bytes.";
  }

  ScannedRequest scan(Endpoint endpoint, @Nullable String contentType) throws BodyRefused {
    BodyScan scan = BodyScan.of(endpoint, contentType);
    byte[] all = bytes == null ? new byte[0] : bytes.getBytes();
    Pieces received = new Pieces(all.length);
    received.add(all, 0, all.length);
    pieces = received;
    scan.feed(all, 0, all.length);
    return scan.end();
  }

  /** The same with what its prompt begins with, hashed. */
  ScannedRequest withPrefix(ScannedRequest scan) {
    return pieces == null ? scan : scan.with(PrefixBlocks.of(pieces, scan.promptAt()));
  }

  static boolean usageCanBeAdded(ScannedRequest scan) {
    return BodySplice.canAskForUsage(scan);
  }

  /** The body as a worker needs it; the client's own bytes where nothing has to change. */
  Buffer forWorker(ScannedRequest scan, String model, boolean askForUsage) {
    Buffer own = bytes;
    if (own == null || pieces == null) {
      throw new IllegalStateException("the body was let go");
    }
    String name = model.equals(scan.model()) ? null : model;
    if (name == null && !askForUsage) {
      return own;
    }
    BodySplice splice = BodySplice.of(pieces, scan, name, askForUsage);
    Buffer out = Buffer.buffer(splice.length());
    splice.forEach((array, from, to) -> out.appendBytes(array, from, to - from));
    return out;
  }

  /** Bytes that came from the client. */
  long received() {
    return received;
  }

  /** Nobody needs it any more. */
  void letGo() {
    bytes = null;
    pieces = null;
    bounds.giveBackBodyBytes(taken);
    taken = 0;
  }
}

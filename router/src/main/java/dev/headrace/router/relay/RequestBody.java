package dev.headrace.router.relay;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.scan.BodyRefused;
import dev.headrace.router.scan.BodySplice;
import dev.headrace.router.scan.MultipartScan;
import dev.headrace.router.scan.PrefixBlocks;
import dev.headrace.router.scan.RequestScan;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.worker.Endpoint;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Locale;
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
  private byte @Nullable [] array;
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
    byte[] all = bytes == null ? new byte[0] : bytes.getBytes();
    array = all;
    // One copy is held from here on, and not the room that the other had grown.
    bytes = null;
    if (endpoint.body() == Endpoint.Body.MULTIPART) {
      if (contentType == null || !mediaType(contentType).equals("multipart/form-data")) {
        throw mediaTypeRefused("multipart/form-data");
      }
      return MultipartScan.scan(all, contentType);
    }
    if (contentType != null) {
      String type = mediaType(contentType);
      if (!type.equals("application/json") && !type.endsWith("+json")) {
        throw mediaTypeRefused("application/json");
      }
    }
    return RequestScan.scan(all);
  }

  /** The same with what its prompt begins with, hashed. */
  ScannedRequest withPrefix(ScannedRequest scan) {
    byte[] all = array;
    return all == null ? scan : scan.with(PrefixBlocks.of(all, scan.promptAt()));
  }

  private static String mediaType(String contentType) {
    int end = contentType.indexOf(';');
    return (end < 0 ? contentType : contentType.substring(0, end)).trim().toLowerCase(Locale.ROOT);
  }

  private static BodyRefused mediaTypeRefused(String expected) {
    return new BodyRefused(
        ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The Content-Type must be " + expected + ".", null);
  }

  static boolean usageCanBeAdded(ScannedRequest scan) {
    return BodySplice.canAskForUsage(scan);
  }

  /** The body as a worker needs it; the client's own bytes where nothing has to change. */
  Buffer forWorker(ScannedRequest scan, String model, boolean askForUsage) {
    byte[] all = array;
    if (all == null) {
      throw new IllegalStateException("the body was let go");
    }
    String name = model.equals(scan.model()) ? null : model;
    byte[] spliced = BodySplice.apply(all, scan, name, askForUsage);
    return BufferInternal.buffer(Unpooled.wrappedBuffer(spliced));
  }

  /** Bytes that came from the client. */
  long received() {
    return received;
  }

  /** Nobody needs it any more. */
  void letGo() {
    bytes = null;
    array = null;
    bounds.giveBackBodyBytes(taken);
    taken = 0;
  }
}

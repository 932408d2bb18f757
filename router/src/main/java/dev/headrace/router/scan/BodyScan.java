package dev.headrace.router.scan;

import dev.headrace.router.error.ErrorCode;
import dev.headrace.worker.Endpoint;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads one request body while it arrives, in one pass, and keeps none of it but the few facts that
 * routing needs. However the body is cut into pieces, it finds the same and refuses the same. The
 * time for a piece grows with its length only. One instance reads one body; confined to its caller.
 */
public sealed interface BodyScan permits JsonScan, MultipartScan {

  /**
   * The scan for the body of a request.
   *
   * @param contentType the request's header, or null when it has none
   * @throws BodyRefused when the endpoint does not take this media type
   */
  static BodyScan of(Endpoint endpoint, @Nullable String contentType) throws BodyRefused {
    String type = contentType == null ? null : mediaType(contentType);
    if (endpoint.body() == Endpoint.Body.MULTIPART) {
      if (contentType == null || !"multipart/form-data".equals(type)) {
        throw unsupported("multipart/form-data");
      }
      return new MultipartScan(contentType);
    }
    if (type != null && !type.equals("application/json") && !type.endsWith("+json")) {
      throw unsupported("application/json");
    }
    return new JsonScan();
  }

  private static String mediaType(String contentType) {
    int end = contentType.indexOf(';');
    return (end < 0 ? contentType : contentType.substring(0, end)).trim().toLowerCase(Locale.ROOT);
  }

  private static BodyRefused unsupported(String expected) {
    return new BodyRefused(
        ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The Content-Type must be " + expected + ".", null);
  }

  /**
   * Reads what came next. The array is not kept and not written.
   *
   * @throws BodyRefused as soon as the body cannot be right any more; nothing may be fed after that
   */
  void feed(byte[] array, int from, int to) throws BodyRefused;

  /**
   * What was found, once all of the body was fed. To be called once.
   *
   * @throws BodyRefused when the body breaks off, or lacks what it must have
   */
  ScannedRequest end() throws BodyRefused;
}

package dev.headrace.router.scan;

import dev.headrace.worker.Endpoint;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Whole bodies in one go, for tests. */
public final class Scanned {
  private Scanned() {}

  public static ScannedRequest json(byte[] body) throws BodyRefused {
    return scan(Endpoint.CHAT, null, body);
  }

  public static ScannedRequest json(String body) throws BodyRefused {
    return json(body.getBytes(StandardCharsets.UTF_8));
  }

  static ScannedRequest multipart(byte[] body, String contentType) throws BodyRefused {
    return scan(Endpoint.TRANSCRIPTIONS, contentType, body);
  }

  private static ScannedRequest scan(Endpoint endpoint, @Nullable String contentType, byte[] body)
      throws BodyRefused {
    BodyScan scan = BodyScan.of(endpoint, contentType);
    scan.feed(body, 0, body.length);
    return scan.end();
  }

  static Pieces pieces(byte[] body) {
    Pieces pieces = new Pieces(body.length);
    pieces.add(body, 0, body.length);
    return pieces;
  }

  /** A splice as one array. */
  static byte[] spliced(
      byte[] body, ScannedRequest scan, @Nullable String model, boolean askForUsage) {
    BodySplice splice = BodySplice.of(pieces(body), scan, model, askForUsage);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    splice.forEach((array, from, to) -> out.write(array, from, to - from));
    if (out.size() != splice.length()) {
      throw new AssertionError("told " + splice.length() + " bytes and gave " + out.size());
    }
    return out.toByteArray();
  }
}

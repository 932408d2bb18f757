package dev.headrace.router.scan;

import dev.headrace.worker.Endpoint;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
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

  /** The bytes of a span. */
  static String text(String body, Span at) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new String(bytes, at.start(), at.length(), StandardCharsets.UTF_8);
  }

  static Pieces pieces(byte[] body) {
    return pieces(body, at -> body.length);
  }

  /** A body that arrived in pieces, each an array of its own, as long as its place says. */
  static Pieces pieces(byte[] body, IntUnaryOperator lengths) {
    Pieces pieces = new Pieces(-1);
    int end;
    for (int at = 0; at < body.length; at = end) {
      end = Math.min(body.length, at + lengths.applyAsInt(at));
      byte[] piece = Arrays.copyOfRange(body, at, end);
      pieces.add(piece, 0, piece.length);
    }
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

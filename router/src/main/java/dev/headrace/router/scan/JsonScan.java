package dev.headrace.router.scan;

import java.io.ByteArrayOutputStream;

/** To be replaced by a scan that keeps nothing. */
final class JsonScan implements BodyScan {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Override
  public void feed(byte[] array, int from, int to) {
    bytes.write(array, from, to - from);
  }

  @Override
  public ScannedRequest end() throws BodyRefused {
    return RequestScan.scan(bytes.toByteArray());
  }
}

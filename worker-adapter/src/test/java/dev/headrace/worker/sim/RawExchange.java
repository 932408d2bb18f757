package dev.headrace.worker.sim;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** One request on a raw socket, and all that came back until the connection ended. */
final class RawExchange implements AutoCloseable {
  /** How the peer ended the connection. */
  enum End {
    CLOSED,
    RESET
  }

  private final Socket socket;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();

  RawExchange(SimulatedWorker worker) throws IOException {
    socket = new Socket("127.0.0.1", worker.port());
    socket.setSoTimeout((int) Duration.ofSeconds(30).toMillis());
  }

  void post(String path, JsonObject body) throws IOException {
    byte[] bytes = body.toBuffer().getBytes();
    String head =
        "POST "
            + path
            + " HTTP/1.1\r\nhost: sim\r\ncontent-type: application/json\r\ncontent-length: "
            + bytes.length
            + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(bytes);
  }

  void get(String path) throws IOException {
    socket
        .getOutputStream()
        .write(("GET " + path + " HTTP/1.1\r\nhost: sim\r\n\r\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Reads until so much text has come. */
  String readUntil(String text) throws IOException {
    InputStream in = socket.getInputStream();
    while (!received().contains(text)) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed after: " + received());
      }
      received.write(next);
    }
    return received();
  }

  /** Reads until the peer ends the connection. */
  End readToEnd() throws IOException {
    try {
      InputStream in = socket.getInputStream();
      byte[] piece = new byte[8192];
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        received.write(piece, 0, n);
      }
      return End.CLOSED;
    } catch (SocketException reset) {
      return End.RESET;
    }
  }

  /** Fails when anything comes within the time. */
  void expectSilence(Duration time) throws IOException {
    socket.setSoTimeout((int) time.toMillis());
    try {
      int next = socket.getInputStream().read();
      throw new AssertionError("expected silence, got " + next);
    } catch (java.net.SocketTimeoutException silent) {
      socket.setSoTimeout((int) Duration.ofSeconds(30).toMillis());
    }
  }

  /** All that came, head and chunk sizes included. */
  String received() {
    return received.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

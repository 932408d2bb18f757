package dev.headrace.loadtest.perf;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * One request over one blocking socket, for a program that is just starting: a client library would
 * bring pools, retries and a start-up of its own into the figure.
 */
final class PlainHttp {
  private static final int TIMEOUT_MILLIS = 2_000;

  private final int port;

  PlainHttp(int port) {
    this.port = port;
  }

  /** Whether {@code GET path} is answered with 200 now. */
  boolean answers(String path) {
    String request = "GET " + path + " HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    return finds(request.getBytes(StandardCharsets.US_ASCII), "\r\n");
  }

  /** Whether the request is answered with 200 and a body that holds a token of the mock worker. */
  boolean streams(byte[] request) {
    return finds(request, "~");
  }

  private boolean finds(byte[] request, String wanted) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      socket.getOutputStream().write(request);
      InputStream in = socket.getInputStream();
      StringBuilder answer = new StringBuilder();
      byte[] buffer = new byte[4096];
      for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
        answer.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
        if (answer.length() > 12 && !answer.toString().startsWith("HTTP/1.1 200")) {
          return false;
        }
        if (answer.indexOf(wanted) >= 0) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }
}

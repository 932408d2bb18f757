package dev.headrace.router.kit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A client that is nothing but a socket: it can do what HTTP clients refuse to do. */
public final class RawClient implements AutoCloseable {
  /** How long a read may take before the test fails. */
  private static final int PATIENCE_MILLIS = 20_000;

  /**
   * @param clean the body ended as its framing says
   */
  public record Answer(int status, Map<String, String> headers, String body, boolean clean) {
    public String header(String name) {
      return headers.get(name.toLowerCase(Locale.ROOT));
    }
  }

  private final Socket socket;
  private final InputStream in;

  public RawClient(int port) throws IOException {
    this(port, 0);
  }

  /**
   * @param receiveBuffer bytes, or 0 for the system's choice
   */
  public RawClient(int port, int receiveBuffer) throws IOException {
    socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  public RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  public RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  public RawClient post(String path, String json, String... headers) throws IOException {
    StringBuilder text = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: router\r\n");
    boolean typed = false;
    for (String header : headers) {
      text.append(header).append("\r\n");
      typed |= header.toLowerCase(Locale.ROOT).startsWith("content-type:");
    }
    if (!typed) {
      text.append("Content-Type: application/json\r\n");
    }
    text.append("Content-Length: ")
        .append(json.getBytes(StandardCharsets.UTF_8).length)
        .append("\r\n\r\n")
        .append(json);
    return send(text.toString());
  }

  public RawClient get(String path, String... headers) throws IOException {
    StringBuilder text = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: router\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    return send(text + "\r\n");
  }

  /** Reads a head; null when the connection ended instead. */
  public Answer readHead() throws IOException {
    String line;
    try {
      line = Http.readLine(in);
    } catch (SocketException e) {
      return null;
    }
    if (line == null) {
      return null;
    }
    int status = Integer.parseInt(line.split(" ")[1]);
    Map<String, String> headers = new LinkedHashMap<>();
    while (!(line = Http.readLine(in)).isEmpty()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
    }
    if (status == 100) {
      return readHead();
    }
    return new Answer(status, headers, "", false);
  }

  /** Reads one whole answer, however it ends. */
  public Answer read() throws IOException {
    Answer head = readHead();
    if (head == null) {
      return null;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean clean = false;
    try {
      if ("chunked".equals(head.header("transfer-encoding"))) {
        clean = readChunks(body);
      } else if (head.header("content-length") != null) {
        int length = Integer.parseInt(head.header("content-length"));
        byte[] bytes = in.readNBytes(length);
        body.writeBytes(bytes);
        clean = bytes.length == length;
      }
    } catch (SocketException e) {
      clean = false;
    }
    return new Answer(head.status(), head.headers(), body.toString(StandardCharsets.UTF_8), clean);
  }

  private boolean readChunks(ByteArrayOutputStream body) throws IOException {
    while (true) {
      String size = Http.readLine(in);
      if (size == null) {
        return false;
      }
      int length = Integer.parseInt(size, 16);
      byte[] bytes = in.readNBytes(length);
      body.writeBytes(bytes);
      if (bytes.length < length) {
        return false;
      }
      Http.readLine(in);
      if (length == 0) {
        return true;
      }
    }
  }

  /** Reads the next line of the body, chunk framing included; null at the end. */
  public String readLine() throws IOException {
    return Http.readLine(in);
  }

  /** Reads lines until one contains the text. */
  public String readUntil(String text) throws IOException {
    String line;
    while ((line = Http.readLine(in)) != null) {
      if (line.contains(text)) {
        return line;
      }
    }
    return null;
  }

  /** True when the other side has closed; waits for it. */
  public boolean closedByPeer() throws IOException {
    try {
      while (in.read() >= 0) {
        // What still arrives is not wanted.
      }
      return true;
    } catch (SocketException e) {
      return true;
    }
  }

  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

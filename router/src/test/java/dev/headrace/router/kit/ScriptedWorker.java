package dev.headrace.router.kit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A worker on a real socket that does exactly what a test's script says, byte by byte: one script
 * run per request. Threads and blocking sockets, so that scripts read like what they do.
 */
public final class ScriptedWorker implements AutoCloseable {

  /** What to do with one request. Returning keeps the connection for the next one. */
  @FunctionalInterface
  public interface Script {
    void play(Talk talk) throws Exception;
  }

  /** A request as it came. */
  public record Seen(String line, List<String> headers, String body) {
    public String header(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      for (String header : headers) {
        if (header.toLowerCase(Locale.ROOT).startsWith(prefix)) {
          return header.substring(prefix.length()).trim();
        }
      }
      return null;
    }
  }

  private final ServerSocket server;
  private volatile Script script;
  private volatile boolean remembers = true;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  public final List<Seen> requests = new CopyOnWriteArrayList<>();
  public final AtomicInteger connections = new AtomicInteger();

  /** Connections whose other side closed them. */
  public final AtomicInteger closedByPeer = new AtomicInteger();

  public ScriptedWorker(Script script) throws IOException {
    this.script = script;
    this.server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::accept, "scripted-worker");
    thread.setDaemon(true);
    thread.start();
  }

  public void script(Script next) {
    script = next;
  }

  /** Bodies are read past, and no request is remembered: for tests that look at memory. */
  public ScriptedWorker forgetful() {
    remembers = false;
    return this;
  }

  public int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        connections.incrementAndGet();
        Thread thread = new Thread(() -> serve(socket), "scripted-connection");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      Talk talk = new Talk(this, socket, in);
      while (talk.readRequest()) {
        script.play(talk);
      }
      closedByPeer.incrementAndGet();
    } catch (Exception e) {
      closedByPeer.incrementAndGet();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** One connection, as a script sees it. */
  public static final class Talk {
    private final ScriptedWorker worker;
    private final Socket socket;
    private final InputStream in;
    private Seen request;

    Talk(ScriptedWorker worker, Socket socket, InputStream in) {
      this.worker = worker;
      this.socket = socket;
      this.in = in;
    }

    /** Reads the next request on this connection; false when the other side closed it. */
    public boolean readRequest() throws IOException {
      List<String> lines = new java.util.ArrayList<>();
      while (true) {
        String line = Http.readLine(in);
        if (line == null) {
          return false;
        }
        if (line.isEmpty()) {
          break;
        }
        lines.add(line);
      }
      int length = 0;
      for (String line : lines) {
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(15).trim());
        }
      }
      if (!worker.remembers) {
        in.skipNBytes(length);
        return true;
      }
      byte[] body = in.readNBytes(length);
      request =
          new Seen(
              lines.get(0),
              List.copyOf(lines.subList(1, lines.size())),
              new String(body, StandardCharsets.UTF_8));
      worker.requests.add(request);
      return true;
    }

    public Seen request() {
      return request;
    }

    public Talk send(String text) throws IOException {
      return send(text.getBytes(StandardCharsets.UTF_8));
    }

    public Talk send(byte[] bytes) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(bytes);
      out.flush();
      return this;
    }

    /** A whole JSON answer. */
    public Talk json(int status, String body) throws IOException {
      return answer(status, "application/json", body);
    }

    public Talk answer(int status, String type, String body) throws IOException {
      return send(
          "HTTP/1.1 "
              + status
              + " X\r\nContent-Type: "
              + type
              + "\r\nContent-Length: "
              + body.getBytes(StandardCharsets.UTF_8).length
              + "\r\n\r\n"
              + body);
    }

    /** The head of a chunked event stream. */
    public Talk streamHead() throws IOException {
      return send(
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
              + "Transfer-Encoding: chunked\r\n\r\n");
    }

    /** One HTTP chunk. */
    public Talk chunk(String text) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes());
      all.writeBytes(bytes);
      all.writeBytes("\r\n".getBytes());
      return send(all.toByteArray());
    }

    /** The proper end of a chunked body. */
    public Talk lastChunk() throws IOException {
      return send("0\r\n\r\n");
    }

    public void close() throws IOException {
      socket.close();
    }

    /** Closes with RST. */
    public void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /** Closes its own direction only (FIN), so that what still comes can be seen. */
    public Talk finish() throws IOException {
      socket.shutdownOutput();
      return this;
    }

    /** True when nothing comes for so long; what comes earlier stays to be read. */
    public boolean silentFor(int millis) throws IOException {
      in.mark(1);
      socket.setSoTimeout(millis);
      try {
        in.read();
        in.reset();
        return false;
      } catch (SocketTimeoutException e) {
        return true;
      } finally {
        socket.setSoTimeout(0);
      }
    }

    /**
     * Blocks until the other side closes.
     *
     * @return bytes that still came, which nobody wants
     */
    public int awaitPeerClose() throws IOException {
      int bytes = 0;
      while (in.read() >= 0) {
        bytes++;
      }
      return bytes;
    }
  }
}

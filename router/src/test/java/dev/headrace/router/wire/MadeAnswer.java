package dev.headrace.router.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** An answer that is well-formed in one of the many ways in which answers are, and its meaning. */
final class MadeAnswer {
  enum Body {
    CHUNKS,
    LENGTH,
    UNTIL_CLOSE,
    NONE
  }

  private static final String[] LINES = {
    "Content-Type: text/event-stream",
    "x-empty:",
    "X-Blank: \t a  b \t",
    "x-latin: caf\u00e9",
    "SERVER:llama.cpp",
    "x-colons: a:b:c",
    "set-cookie: a=1",
    "set-cookie: b=2"
  };
  private static final int[] INTERIM = {100, 102, 103};
  private static final String[] CONNECTION = {
    null, "close", "keep-alive", "Keep-Alive, Close", "upgrade , keep-alive"
  };

  final List<String> fields = new ArrayList<>();
  final int status;
  final Body body;
  final byte[] content;

  /** The connection may serve on. */
  final boolean kept;

  /** All chunks stand there in their plainest form. */
  final boolean plain;

  /** Where each chunk begins, and where the last of them ends. */
  final List<Integer> chunksAt = new ArrayList<>();

  /** What follows the end of the answer. */
  final byte[] behind;

  final byte[] bytes;

  private final Random random;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final String lineEnd;

  MadeAnswer(long seed) {
    random = new Random(seed);
    lineEnd = random.nextInt(4) == 0 ? "\n" : "\r\n";
    body = Body.values()[random.nextInt(Body.values().length)];
    plain = lineEnd.length() == 2 && random.nextBoolean();
    boolean http10 = random.nextInt(5) == 0;
    status = body == Body.NONE ? (random.nextBoolean() ? 204 : 304) : 400 + random.nextInt(400);
    content = body == Body.NONE ? new byte[0] : bytes(random.nextInt(4) * random.nextInt(400));

    for (int i = random.nextInt(3); i > 0; i--) {
      line("HTTP/1.1 " + INTERIM[random.nextInt(INTERIM.length)] + " wait");
      line("content-length: 7");
      line("");
    }
    line("HTTP/1." + (http10 ? 0 : 1) + " " + status + (random.nextBoolean() ? " OK then" : ""));
    String connection = CONNECTION[random.nextInt(CONNECTION.length)];
    boolean both = framing();
    if (connection != null) {
      field("Connection: " + connection);
    }
    for (int i = random.nextInt(6); i > 0; i--) {
      field(LINES[random.nextInt(LINES.length)]);
    }
    line("");
    body();
    behind = body == Body.UNTIL_CLOSE ? new byte[0] : bytes(random.nextInt(2) * random.nextInt(20));
    out.writeBytes(behind);
    bytes = out.toByteArray();
    boolean wanted =
        http10
            ? connection != null && connection.toLowerCase(Locale.ROOT).contains("keep-alive")
            : connection == null || !connection.toLowerCase(Locale.ROOT).contains("close");
    boolean sound =
        switch (body) {
          case CHUNKS -> !both && !http10;
          case UNTIL_CLOSE -> false;
          case NONE -> !both;
          default -> true;
        };
    kept = wanted && sound;
  }

  /** True when what is told of the length leaves it in doubt. */
  private boolean framing() {
    if (body == Body.CHUNKS) {
      boolean both = random.nextInt(4) == 0;
      if (both) {
        field("Content-Length: 3");
      }
      field("Transfer-Encoding: " + (random.nextBoolean() ? "chunked" : "Chunked"));
      return both;
    }
    if (body == Body.LENGTH) {
      String length = Integer.toString(content.length);
      String text = random.nextBoolean() ? length : "00" + length;
      field("content-length: " + text);
      if (random.nextInt(4) == 0) {
        field("Content-Length:" + text);
      }
    } else if (body == Body.NONE && random.nextBoolean()) {
      // They tell of a body that there would have been, and that may come all the same.
      field(random.nextBoolean() ? "Content-Length: 12" : "Transfer-Encoding: chunked");
      return true;
    }
    return false;
  }

  private void body() {
    if (body != Body.CHUNKS) {
      out.writeBytes(content);
      return;
    }
    int at = 0;
    chunksAt.add(out.size());
    while (at < content.length) {
      int size = Math.min(content.length - at, 1 + random.nextInt(60));
      line(size(size));
      out.write(content, at, size);
      out.writeBytes((!plain && random.nextBoolean() ? "\n" : lineEnd).getBytes());
      at += size;
      chunksAt.add(out.size());
    }
    line(plain ? "0" : "0" + extension());
    for (int i = random.nextInt(3); i > 0; i--) {
      line("x-trailer: " + i);
    }
    line("");
  }

  private String size(int size) {
    String hex = Integer.toHexString(size);
    if (plain) {
      return hex;
    }
    return switch (random.nextInt(4)) {
      case 0 -> hex.toUpperCase(Locale.ROOT);
      case 1 -> "000" + hex;
      default -> hex + extension();
    };
  }

  private String extension() {
    return new String[] {"", ";a=b", " ; a=\"b\"", " "}[random.nextInt(4)];
  }

  private void field(String line) {
    line(line);
    int colon = line.indexOf(':');
    fields.add(line.substring(0, colon) + "=" + line.substring(colon + 1).strip());
  }

  private void line(String text) {
    out.writeBytes((text + lineEnd).getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Any bytes, line ends and digits more often than others. */
  private byte[] bytes(int count) {
    byte[] made = new byte[count];
    for (int i = 0; i < count; i++) {
      made[i] =
          (byte)
              (random.nextInt(3) == 0 ? "\r\n0a;: ".charAt(random.nextInt(7)) : random.nextInt());
    }
    return made;
  }
}

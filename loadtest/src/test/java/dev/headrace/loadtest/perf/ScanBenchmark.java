package dev.headrace.loadtest.perf;

import dev.headrace.router.scan.BodyRefused;
import dev.headrace.router.scan.BodyScan;
import dev.headrace.router.scan.ScannedRequest;
import dev.headrace.worker.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to read a request's body that arrives in pieces of 64 KiB, by JMH. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ScanBenchmark {
  private static final int PIECE = 64 * 1024;

  /** Kind and size in bytes. */
  @Param({
    "english 200",
    "english 1300",
    "english 10240",
    "english 1048576",
    "english 16777216",
    "chinese 10240",
    "chinese 1048576",
    "escaped 1048576",
    "code 1048576",
    "keys 8388608",
    "ids 16777216",
    "parts 11534336",
    "audio 1048576"
  })
  String body;

  private Endpoint endpoint;
  private String contentType;
  private byte[] bytes;

  /** Makes the body. */
  @Setup
  public void fill() {
    String kind = body.substring(0, body.indexOf(' '));
    int size = Integer.parseInt(body.substring(kind.length() + 1));
    String chat =
        "{\"model\":\"m\",\"stream\":true,\"max_tokens\":99,\"messages\":[{\"role\":\"user\",";
    String part = "--b\r\nContent-Disposition: form-data; name=\"";
    switch (kind) {
      case "english" ->
          make(
              size,
              chat + "\"content\":\"",
              "The ferry left at 6:40, late, as nobody had the key.\\n",
              "\"}]}");
      case "chinese" -> make(size, chat + "\"content\":\"", "清晨六点,渡轮晚了十分钟,因为没有人找到钥匙。\\n", "\"}]}");
      case "escaped" ->
          make(size, chat + "\"content\":\"", "\\u6e05\\u6668\\u516d\\u70b9\\u3002", "\"}]}");
      case "code" ->
          make(
              size,
              chat + "\"content\":\"",
              "    if (keys.size() > 0) {\\n        return keys.get(\\\"a\\\");\\n",
              "\"}]}");
      case "keys" -> make(size, "{\"model\":\"m\"", ",\"k%x\":1", "}");
      case "ids" -> make(size, "{\"model\":\"m\",\"prompt\":[1", ",%d", "]}");
      case "parts" -> make(size, "", part + "f%d\"\r\n\r\nv\r\n", "--b--");
      case "audio" -> make(size, part + "file\"\r\n\r\n", "\u0000\r\u007f%d", "\r\n--b--");
      default -> throw new IllegalArgumentException(kind);
    }
    boolean form = kind.equals("parts") || kind.equals("audio");
    endpoint = form ? Endpoint.TRANSCRIPTIONS : Endpoint.CHAT;
    contentType = form ? "multipart/form-data; boundary=b" : "application/json";
  }

  private void make(int size, String begin, String each, String end) {
    StringBuilder text = new StringBuilder(begin);
    int length = begin.length() + end.length();
    for (int i = 0; length < size; i++) {
      String next = each.contains("%") ? String.format(each, i * 31 % 128_000) : each;
      text.append(next);
      length += next.getBytes(StandardCharsets.UTF_8).length;
    }
    bytes = text.append(end).toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Reads it all. */
  @Benchmark
  public ScannedRequest scan() throws BodyRefused {
    BodyScan scan = BodyScan.of(endpoint, contentType);
    for (int at = 0; at < bytes.length; at += PIECE) {
      scan.feed(bytes, at, Math.min(bytes.length, at + PIECE));
    }
    return scan.end();
  }
}

package dev.headrace.router.scan;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.headrace.worker.Endpoint;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * However a body is made, an event loop is back from each piece of it in a bounded time, and no
 * memory grows with the body.
 */
class HostileBodiesAreReadInStepsTest {
  private static final int PIECE = 64 * 1024;
  private static final int ROUNDS = 4;

  /** Some ten times what the slowest takes on an idle machine, once it is compiled. */
  private static final double MOST_MILLIS = 3;

  /** What a scan and one kept text may have allocated. */
  private static final long MOST_BYTES = 512 * 1024;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private enum Body {
    KEYS("{\"model\":\"m\"", 600_000, i -> ",\"k" + Integer.toString(i * 7919, 36) + "\":1", "}"),
    ESCAPED_KEYS("{\"model\":\"m\"", 300_000, i -> ",\"\\u006" + i % 10 + "\\u0041\":1", "}"),
    TOKEN_IDS("{\"prompt\":[1", 2_700_000, i -> "," + i % 128_000, "]}"),
    MESSAGES("{\"messages\":[{}", 300_000, i -> ",{\"role\":\"user\",\"content\":\"a\"}", "]}"),
    TOOLS("{\"tools\":[{}", 100_000, i -> ",{\"type\":\"function\",\"x\":{\"y\":[1,{}]}}", "]}"),
    BRACKETS("{\"x\":[[]", 2_000_000, i -> ",[]", "]}"),
    DEPTH("{\"x\":[0", 60_000, i -> "," + "[".repeat(60) + "]".repeat(60), "]}"),
    ESCAPES("{\"prompt\":\"", 1_000_000, i -> "\\u00e9\\n", "\"}"),
    QUOTES("{\"prompt\":[\"\"", 1_500_000, i -> ",\"\"", "]}"),
    BLANKS("{", 8_000_000, i -> " ", "}"),
    BLANKS_BEFORE("", 8_000_000, i -> "\n", "{}"),
    LONG_KEY("{\"", 8_000_000, i -> "k", "\":1}"),
    LONG_TEXT("{\"prompt\":\"", 2_000_000, i -> "字é😀", "\"}"),
    USERS(
        "{\"user\":\"u\"",
        100,
        i -> ",\"user\":\"" + "u".repeat(JsonScan.LONGEST_VALUE) + "\"",
        "}"),
    PARTS(
        "",
        200_000,
        i -> "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nv\r\n",
        "--b--"),
    EMPTY_PARTS("", 1_000_000, i -> "--b\r\n\r\n", "--b--"),
    PART_HEADS(
        "",
        900,
        i -> "--b\r\nContent-Disposition: " + "; x".repeat(2_700) + "\r\n\r\n\r\n",
        "--b--"),
    LINE_ENDS("--b\r\n\r\n", 4_000_000, i -> "\r\n", "\r\n--b--"),
    NEARLY_BOUNDARIES("--b\r\n\r\n", 1_000_000, i -> "\r\n--b \r", "\r\n--b--");

    private final Endpoint endpoint;
    private final byte[] bytes;

    @SuppressWarnings("ImmutableEnumChecker") // not changed
    Body(String begin, int times, IntFunction<String> each, String end) {
      StringBuilder text = new StringBuilder(begin);
      for (int i = 0; i < times; i++) {
        text.append(each.apply(i));
      }
      endpoint = end.endsWith("--b--") ? Endpoint.TRANSCRIPTIONS : Endpoint.CHAT;
      bytes = text.append(end).toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachPieceTakesABoundedTimeAndNothingGrows(Body body) throws Exception {
    byte[] bytes = body.bytes;
    double[] millis = new double[bytes.length / PIECE + 1];
    Arrays.fill(millis, Double.MAX_VALUE);
    long allocated = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      BodyScan scan =
          BodyScan.of(
              body.endpoint,
              body.endpoint == Endpoint.CHAT ? null : "multipart/form-data; boundary=b");
      for (int piece = 0; piece < millis.length; piece++) {
        long began = threads.getCurrentThreadCpuTime();
        scan.feed(bytes, piece * PIECE, Math.min(bytes.length, (piece + 1) * PIECE));
        double spent = (threads.getCurrentThreadCpuTime() - began) / 1e6;
        millis[piece] = Math.min(millis[piece], spent);
      }
      scan.end();
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    double most = Arrays.stream(millis).max().orElseThrow();
    System.out.println(
        String.format(
            Locale.ROOT,
            "%s: %d bytes, %.3f ms for a piece at most, %.3f on average, %d bytes allocated",
            body,
            bytes.length,
            most,
            Arrays.stream(millis).average().orElseThrow(),
            allocated));
    assertThat(most).isLessThan(MOST_MILLIS);
    // What names and heads are read with is garbage at once; it does not stay.
    boolean wanted = body == Body.USERS || body.endpoint == Endpoint.TRANSCRIPTIONS;
    long perPiece = wanted ? 8L * PIECE : 0;
    assertThat(allocated).isLessThan(MOST_BYTES + perPiece * millis.length);
  }
}

package dev.headrace.router.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What could be understood in two ways, or not at all, is no answer, however it is cut. */
class MalformedAnswersAreRefusedTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String CHUNKS = OK + "Transfer-Encoding: chunked\r\n\r\n";
  private static final String LONG = "x".repeat(AnswerReader.MAX_HEAD + 1);

  private static final List<String> STATUS_LINES =
      List.of(
          "HTTP/2 200 OK",
          "HTTP/1.2 200 OK",
          "HTTP/1.1 20 OK",
          "HTTP/1.1 2000",
          "HTTP/1.1 2x0 OK",
          "HTTP/1.1 099 OK",
          "HTTP/1.1  200",
          "HTTP/1.1\t200 OK",
          "HTTP/1.1",
          "http/1.1 200 OK",
          "ICY 200 OK",
          " HTTP/1.1 200 OK",
          "200 OK",
          "POST / HTTP/1.1",
          "\u0016\u0003\u0001\u0002",
          "x");

  private static final List<String> FIELDS =
      List.of(
          "no colon",
          ": no name",
          "x-blank : 1",
          " x-fold: 1",
          "\tx-fold: 1",
          "x-first: 1\r\n and its fold",
          "x-first: 1\r\n\tand its fold",
          "x-nul: a\0b",
          "x-cr: a\rb",
          "x-crs: a\r",
          "x-vt: a\u000bb",
          "x-del: a\u007fb",
          "x\0y: 1",
          "x\ty: 1",
          "Content-Length: 5\r\nContent-Length: 6",
          "Content-Length: 5\r\nContent-Length: 05",
          "Content-Length: 5, 5",
          "Content-Length:",
          "Content-Length: -1",
          "Content-Length: +5",
          "Content-Length: 0x5",
          "Content-Length: 5 5",
          "Content-Length: 9999999999999999999",
          "Content-Length: \u0665",
          "Transfer-Encoding: gzip",
          "Transfer-Encoding: gzip, chunked",
          "Transfer-Encoding: chunked, chunked",
          "Transfer-Encoding: identity",
          "Transfer-Encoding:",
          "Transfer-Encoding: xchunked",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
          "x-long: " + LONG,
          LONG);

  private static final List<String> BODIES =
      List.of(
          "10000000000000000\r\n",
          "ffffffffffffffff\r\n",
          "0000000000000005\r\nhello\r\n",
          "\r\nhello\r\n",
          ";a=b\r\nhello\r\n",
          " 5\r\nhello\r\n",
          "-5\r\nhello\r\n",
          "+5\r\nhello\r\n",
          "0x5\r\nhello\r\n",
          "5x\r\nhello\r\n",
          "g\r\nhello\r\n",
          "3\r\nhello\r\n",
          "5\r\nhello0\r\n\r\n",
          "5\r\nhello\r0\r\n",
          "5\r\nhello \r\n0\r\n\r\n",
          "5;" + LONG,
          LONG,
          "5\r\nhello\r\n0\r\n" + LONG,
          "0\r\n" + "x-trailer: 1234567890\r\n".repeat(1600));

  private static final List<String> ALL = all();
  private static final List<String> SHORT =
      ALL.stream().filter(answer -> answer.length() < 1000).toList();

  private static List<String> all() {
    List<String> all = new ArrayList<>();
    STATUS_LINES.forEach(line -> all.add(line + "\r\n\r\n"));
    FIELDS.forEach(lines -> all.add(OK + lines + "\r\n\r\n"));
    BODIES.forEach(body -> all.add(CHUNKS + body));
    all.add(OK + "x-many: 1234567890\r\n".repeat(2000));
    all.add(("HTTP/1.1 100 wait\r\n\r\n").repeat(2000));
    all.add("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
    all.add("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n");
    all.add("HTTP/1.1 100 Continue\r\nno colon\r\n\r\n");
    all.add(LONG);
    return all;
  }

  private static void refused(String answer, List<Integer> cuts) {
    byte[] bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> Reading.of(bytes, cuts))
        .as(answer.substring(0, Math.min(answer.length(), 80)))
        .isInstanceOf(AnswerReader.Malformed.class)
        .hasMessageNotContaining("hello");
  }

  @Example
  void wholeAndInTheSmallestPieces() {
    for (String answer : ALL) {
      refused(answer, List.of());
      refused(answer, List.of(answer.length() > 1000 ? 1000 : 1));
    }
  }

  @Property(tries = 1000)
  void inAnyPieces(@ForAll @IntRange(max = 1000) int which, @ForAll("cuts") List<Integer> cuts) {
    refused(SHORT.get(which % SHORT.size()), cuts);
  }

  /** So that the list above holds what is wrong, and nothing that is refused for another reason. */
  @Example
  void theSameWithoutTheFaultIsRead() throws Exception {
    for (String answer :
        List.of(
            OK + "x-first: 1\r\nContent-Length: 5\r\n\r\nhello",
            OK + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            CHUNKS + "5\r\nhello\r\n0\r\n\r\n",
            CHUNKS + "5;" + "x".repeat(30_000) + "\r\nhello\r\n0\r\nx-trailer: 1\r\n\r\n",
            CHUNKS + "000000000000005\r\nhello\r\n0\r\n\r\n",
            OK + "x-many: 1234567890\r\n".repeat(1600) + "Content-Length: 5\r\n\r\nhello",
            OK
                + "x-many: 1234567890\r\n".repeat(1600)
                + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
                + "x-trailer: 1234567890\r\n".repeat(1400)
                + "\r\n",
            "\r\nHTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello")) {
      for (List<Integer> cuts : List.of(List.<Integer>of(), List.of(7))) {
        Reading read = Reading.of(answer.getBytes(StandardCharsets.ISO_8859_1), cuts);
        assertThat(read.ended).as(answer).isTrue();
        assertThat(read.content()).asString().isEqualTo("hello");
      }
    }
  }

  @Property(tries = 3000)
  void anyBytesAreReadOrRefusedAndNothingElse(
      @ForAll long seed, @ForAll("cuts") List<Integer> cuts) {
    byte[] bytes = noise(new Random(seed));
    Reading read = new Reading();
    try {
      int at = 0;
      for (int i = 0; at < bytes.length && !read.ended; i++) {
        int to = Math.min(bytes.length, at + cuts.get(i % cuts.size()));
        read.piece(bytes, at, to);
        at = to;
      }
    } catch (AnswerReader.Malformed e) {
      assertThat(read.ended).isFalse();
    }
    assertThat(read.content().length).isLessThanOrEqualTo(bytes.length);
  }

  private static final String[] WORDS = {
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.0 200\n",
    "HTTP/1.1 100 \r\n\r\n",
    "HTTP/1.1 204 x\r\n",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r",
    "Content-Length: ",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "ffffffff\r\n",
    "a: b",
    ":",
    ";",
    "7"
  };

  /** Words of the protocol in no good order, and random bytes between them. */
  private static byte[] noise(Random random) {
    StringBuilder text = new StringBuilder(random.nextBoolean() ? "HTTP/1.1 200 OK\r\n" : "");
    for (int i = random.nextInt(24); i > 0; i--) {
      text.append(
          random.nextInt(8) == 0
              ? String.valueOf((char) random.nextInt(256))
              : WORDS[random.nextInt(WORDS.length)]);
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  @Provide
  Arbitrary<List<Integer>> cuts() {
    return Arbitraries.integers().between(1, 80).list().ofMinSize(1).ofMaxSize(8);
  }
}

package dev.headrace.router.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** However the network cuts a worker's answer, it says the same and ends in the same place. */
class AnyCuttingGivesTheSameAnswerTest {
  private static final List<Integer> WHOLE = List.of();
  private static final List<Integer> BYTES = List.of(1);

  @Provide
  Arbitrary<List<Integer>> cuts() {
    return Arbitraries.integers().between(1, 80).list().ofMinSize(1).ofMaxSize(8);
  }

  @Property(tries = 1500)
  void headContentAndEnd(@ForAll long seed, @ForAll("cuts") List<Integer> cuts) throws Exception {
    MadeAnswer made = new MadeAnswer(seed);
    for (List<Integer> each : List.of(WHOLE, BYTES, cuts)) {
      Reading read = Reading.of(made.bytes, each);
      assertThat(read.heads).isEqualTo(1);
      assertThat(read.status).isEqualTo(made.status);
      assertThat(read.fields).isEqualTo(made.fields);
      assertThat(read.chunked).isEqualTo(made.body == MadeAnswer.Body.CHUNKS);
      assertThat(read.content()).isEqualTo(made.content);
      assertThat(read.reader.begun()).isTrue();
      assertThat(read.unread).as("bytes behind the end").isEqualTo(made.behind.length);
      if (made.body == MadeAnswer.Body.UNTIL_CLOSE) {
        assertThat(read.ended).isFalse();
        assertThat(read.reader.closed()).isTrue();
      } else {
        assertThat(read.ended).isTrue();
        assertThat(read.reader.closed()).isFalse();
      }
      assertThat(read.reader.done()).isTrue();
      assertThat(read.reader.keepAlive()).isEqualTo(made.kept);
    }
  }

  @Property(tries = 1000)
  void whatIsToldToStandThereStandsThere(@ForAll long seed, @ForAll("cuts") List<Integer> cuts)
      throws Exception {
    MadeAnswer made = new MadeAnswer(seed);
    for (List<Integer> each : List.of(WHOLE, BYTES, cuts)) {
      for (Reading.Told told : Reading.of(made.bytes, each).told) {
        if (told.asItCame() != null) {
          byte[] content =
              made.body == MadeAnswer.Body.CHUNKS ? unframed(told.asItCame()) : told.asItCame();
          assertThat(content).isEqualTo(told.content());
        } else {
          assertThat(made.body).isEqualTo(MadeAnswer.Body.CHUNKS);
        }
      }
    }
  }

  @Property(tries = 500)
  void wholePlainChunksAreAlwaysToldAsTheyCame(@ForAll long seed) throws Exception {
    MadeAnswer made = new MadeAnswer(seed);
    if (made.body != MadeAnswer.Body.CHUNKS || !made.plain) {
      return;
    }
    // The head comes with the first chunks, the end with the last; or each of them by itself.
    for (boolean apart : new boolean[] {true, false}) {
      Reading read = new Reading();
      List<Integer> ends = new ArrayList<>(made.chunksAt);
      if (!apart) {
        ends.remove(0);
        if (!ends.isEmpty()) {
          ends.remove(ends.size() - 1);
        }
      }
      ends.add(made.bytes.length);
      int at = 0;
      for (int end : ends) {
        read.piece(made.bytes, at, end);
        at = end;
      }
      assertThat(read.ended).isTrue();
      assertThat(read.content()).isEqualTo(made.content);
      assertThat(read.told).allSatisfy(told -> assertThat(told.asItCame()).isNotNull());
    }
  }

  @Property(tries = 500)
  void anAnswerThatBreaksOffNeverEnds(
      @ForAll long seed, @ForAll("cuts") List<Integer> cuts, @ForAll long place) throws Exception {
    MadeAnswer made = new MadeAnswer(seed);
    if (made.body == MadeAnswer.Body.UNTIL_CLOSE) {
      return;
    }
    int whole = made.bytes.length - made.behind.length;
    byte[] begin = Arrays.copyOf(made.bytes, (int) Math.floorMod(place, (long) whole));
    Reading read = Reading.of(begin, cuts);
    assertThat(read.ended).isFalse();
    assertThat(read.reader.closed()).isFalse();
    assertThat(read.reader.keepAlive()).isFalse();
    assertThat(read.reader.begun()).isEqualTo(begin.length > 0);
    byte[] content = read.content();
    assertThat(content).isEqualTo(Arrays.copyOf(made.content, content.length));
  }

  /** Reads chunks in their plainest form and no other. */
  private static byte[] unframed(byte[] chunks) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    String text = new String(chunks, StandardCharsets.ISO_8859_1);
    int at = 0;
    while (at < chunks.length) {
      int lineEnd = text.indexOf("\r\n", at);
      String size = text.substring(at, lineEnd);
      assertThat(size).matches("[0-9a-fA-F]{1,15}");
      int length = Integer.parseInt(size, 16);
      assertThat(length).isPositive();
      content.write(chunks, lineEnd + 2, length);
      at = lineEnd + 2 + length;
      assertThat(text.substring(at, at + 2)).isEqualTo("\r\n");
      at += 2;
    }
    return content.toByteArray();
  }
}

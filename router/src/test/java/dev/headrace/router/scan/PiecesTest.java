package dev.headrace.router.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A body is held as it came, and costs about its own size however small its pieces are. */
class PiecesTest {

  private static byte[] bytes(Pieces pieces, int from, int to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    pieces.forEach(from, to, (array, start, end) -> out.write(array, start, end - start));
    return out.toByteArray();
  }

  @Test
  void anyRangeIsWhatCame() {
    long seed = 17;
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      byte[] body = new byte[random.nextInt(60_000)];
      random.nextBytes(body);
      int most = 1 << random.nextInt(17);
      Pieces pieces = new Pieces(random.nextBoolean() ? body.length : -1);
      int at = 0;
      while (at < body.length) {
        int length = Math.min(body.length - at, 1 + random.nextInt(most));
        int before = random.nextInt(10);
        byte[] array = new byte[before + length + random.nextInt(length + 10)];
        System.arraycopy(body, at, array, before, length);
        pieces.add(array, before, before + length);
        at += length;
      }
      assertThat(pieces.length()).isEqualTo(body.length);
      assertThat(bytes(pieces, 0, body.length)).as("seed %d", seed).isEqualTo(body);
      int from = random.nextInt(body.length + 1);
      int to = from + random.nextInt(body.length - from + 1);
      assertThat(bytes(pieces, from, to)).isEqualTo(Arrays.copyOfRange(body, from, to));
    }
  }

  @Test
  void bytesThatComeOneByOneCostAboutTheirNumber() {
    for (long announced : new long[] {-1, 100_000}) {
      for (int total : new int[] {1, 100, 3_000, 100_000}) {
        Pieces pieces = new Pieces(announced < 0 ? -1 : total);
        for (int i = 0; i < total; i++) {
          pieces.add(new byte[] {1}, 0, 1);
        }
        assertThat(pieces.held())
            .isBetween((long) total, (long) total + (announced < 0 ? 8_192 : 0));
      }
    }
    Pieces mixed = new Pieces(-1);
    for (int i = 0; i < 1_000; i++) {
      mixed.add(new byte[1], 0, 1);
      mixed.add(new byte[5_000], 0, 5_000);
    }
    assertThat(mixed.held()).isLessThan(mixed.length() * 115L / 100);
  }

  @Test
  void aLargeArrayIsKeptAndAMostlyEmptyOneIsNot() {
    byte[] large = new byte[5_000];
    byte[] mostlyEmpty = new byte[100_000];
    byte[] whole = new byte[200];
    List<byte[]> held = new ArrayList<>();
    Pieces pieces = new Pieces(-1);
    pieces.add(large, 10, 4_900);
    pieces.add(mostlyEmpty, 0, 9_000);
    pieces.forEach(0, pieces.length(), (array, from, to) -> held.add(array));
    assertThat(held).contains(large).doesNotContain(mostlyEmpty);
    assertThat(pieces.held()).isEqualTo(14_000);
    Pieces announced = new Pieces(200);
    announced.add(whole, 0, 200);
    announced.forEach(0, 200, (array, from, to) -> assertThat(array).isSameAs(whole));
  }

  @Test
  void whatDidNotComeCannotBeVisited() {
    Pieces pieces = new Pieces(-1);
    pieces.add(new byte[3], 0, 3);
    assertThatThrownBy(() -> bytes(pieces, 0, 4)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(bytes(pieces, 3, 3)).isEmpty();
  }

  @Test
  void aSpliceOfManyPiecesCopiesNoneOfThem() throws Exception {
    String json =
        "{\"prompt\":\""
            + "p".repeat(30_000)
            + "\",\"stream\":true,\"model\":\"m\",\"x\":\""
            + "x".repeat(30_000)
            + "\"}";
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    Pieces pieces = Scanned.pieces(body, at -> 5_001);
    List<byte[]> own = new ArrayList<>();
    pieces.forEach(0, body.length, (array, from, to) -> own.add(array));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BodySplice splice = BodySplice.of(pieces, Scanned.json(body), "longer", true);
    splice.forEach(
        (array, from, to) -> {
          out.write(array, from, to - from);
          assertThat(to - from < 100 || own.stream().anyMatch(piece -> piece == array)).isTrue();
        });
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            json.replace("{\"prompt\"", "{\"stream_options\":{\"include_usage\":true},\"prompt\"")
                .replace("\"m\"", "\"longer\""));
    assertThat(splice.length()).isEqualTo(out.size());
  }
}

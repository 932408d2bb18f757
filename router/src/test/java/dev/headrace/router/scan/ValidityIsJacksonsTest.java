package dev.headrace.router.scan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.headrace.router.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** What a strict general parser takes is taken, and nothing else is. */
class ValidityIsJacksonsTest {
  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(JsonScan.MAX_DEPTH)
                  .maxNumberLength(1000)
                  .build())
          .build();

  private static boolean jacksonTakes(byte[] body) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      return false;
    }
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean scanTakes(byte[] body) {
    try {
      Scanned.json(body);
      return true;
    } catch (BodyRefused refused) {
      // Two models, or one that is a number, are no matter of the grammar; but what stands behind
      // them is then not read.
      assertThat(refused.code()).isIn(ErrorCode.INVALID_JSON, ErrorCode.INVALID_BODY);
      return false;
    }
  }

  @Property(tries = 5_000)
  void jsonWithOneOrTwoBytesChanged(@ForAll("almostJson") byte[] body) {
    assertThat(scanTakes(body))
        .as(new String(body, StandardCharsets.UTF_8))
        .isEqualTo(jacksonTakes(body));
  }

  @Property(tries = 5_000)
  void tokensInAnyOrder(@ForAll("tokens") byte[] body) {
    assertThat(scanTakes(body))
        .as(new String(body, StandardCharsets.UTF_8))
        .isEqualTo(jacksonTakes(body));
  }

  @Property(tries = 5_000)
  void numbersOfAllSorts(@ForAll("numerals") String number) {
    byte[] body = ("{\"a\":" + number + "}").getBytes(StandardCharsets.UTF_8);
    assertThat(scanTakes(body)).as(number).isEqualTo(jacksonTakes(body));
  }

  @Property(tries = 5_000)
  void textsOfAnyBytes(@ForAll("texts") byte[] text) {
    byte[] body = new byte[text.length + 8];
    System.arraycopy("{\"a\":\"".getBytes(StandardCharsets.UTF_8), 0, body, 0, 6);
    System.arraycopy(text, 0, body, 6, text.length);
    body[body.length - 2] = '"';
    body[body.length - 1] = '}';
    assertThat(scanTakes(body)).isEqualTo(jacksonTakes(body));
  }

  @Provide
  Arbitrary<byte[]> almostJson() {
    String json =
        "{\"a\":[1,-2.5e+7,0,true,false,null,\"x\\u00e9\\n\\\\\"],\"prompt\":{\"type\":\"é字😀\",\"b\":{}},"
            + " \"c\" : [ [ ] , \"\" ]\n}";
    byte[] valid = json.getBytes(StandardCharsets.UTF_8);
    Arbitrary<Byte> bytes =
        Arbitraries.oneOf(
            Arbitraries.bytes(),
            Arbitraries.of(
                "{}[],:\"\\ -+.0123456789eEtfnu\t\n".chars().mapToObj(c -> (byte) c).toList()));
    Arbitrary<Integer> places = Arbitraries.integers().between(0, valid.length - 1);
    return Arbitraries.of(0, 1, 2)
        .flatMap(
            changes ->
                places
                    .flatMap(at -> bytes.map(b -> Tuple.of(at, b)))
                    .list()
                    .ofSize(changes)
                    .flatMap(
                        edits ->
                            Arbitraries.integers()
                                .between(valid.length - 20, valid.length + 20)
                                .map(
                                    length -> {
                                      byte[] copy = valid.clone();
                                      edits.forEach(edit -> copy[edit.get1()] = edit.get2());
                                      return length < copy.length
                                          ? Arrays.copyOf(copy, length)
                                          : copy;
                                    })));
  }

  @Provide
  Arbitrary<byte[]> tokens() {
    return Arbitraries.of(
            "{", "}", "[", "]", ",", ":", "\"\"", "\"a\"", "1", "-0.5", "true", "null", " ", "{}",
            "[]", "\"a\":", "\"a\":1", "x")
        .list()
        .ofMaxSize(10)
        .map(list -> ("{" + String.join("", list) + "}").getBytes(StandardCharsets.UTF_8));
  }

  @Provide
  Arbitrary<String> numerals() {
    return Arbitraries.strings().withChars("0123+-.eE").ofMinLength(1).ofMaxLength(8);
  }

  @Provide
  Arbitrary<byte[]> texts() {
    Arbitrary<byte[]> pieces =
        Arbitraries.oneOf(
            Arbitraries.bytes().array(byte[].class).ofMaxSize(4),
            Arbitraries.of(
                    "a",
                    "plain text of more than eight bytes",
                    "é",
                    "字",
                    "😀",
                    "\\n",
                    "\\u00E9",
                    "\\ud800",
                    "\\x",
                    "\\u12g4")
                .map(text -> text.getBytes(StandardCharsets.UTF_8)));
    Arbitrary<byte[]> bad =
        Arbitraries.of("c1ad", "c3", "e08080", "e381", "eda080", "edbfbf", "f0808080", "f4908080")
            .map(HexFormat.of()::parseHex);
    return Arbitraries.frequencyOf(Tuple.of(20, pieces), Tuple.of(1, bad))
        .list()
        .ofMaxSize(8)
        .map(
            list -> {
              java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
              list.forEach(out::writeBytes);
              return out.toByteArray();
            });
  }
}

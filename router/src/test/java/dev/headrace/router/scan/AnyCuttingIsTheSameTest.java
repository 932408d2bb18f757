package dev.headrace.router.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.worker.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/**
 * The network decides how a body is cut; what is found in it, or refused, does not depend on that.
 */
class AnyCuttingIsTheSameTest {
  private static final String FORM = "multipart/form-data; boundary=b";

  /** All that a scan tells, as a text. */
  private static String told(Endpoint endpoint, byte[] body, IntUnaryOperator lengths) {
    try {
      BodyScan scan = BodyScan.of(endpoint, endpoint.body() == Endpoint.Body.JSON ? null : FORM);
      int end;
      for (int at = 0; at < body.length; at = end) {
        end = Math.min(body.length, at + lengths.applyAsInt(at));
        // What stands around a piece is not to be read, nor is it zero.
        byte[] array = new byte[end - at + 14];
        Arrays.fill(array, (byte) '"');
        System.arraycopy(body, at, array, 7, end - at);
        scan.feed(array, 7, 7 + end - at);
      }
      ScannedRequest found = scan.end();
      double[] amounts = new double[TextFeature.values().length];
      found.text().copyTo(amounts);
      PromptText text = found.text();
      return found.toString().replaceAll("PromptText@\\w+", Arrays.toString(amounts))
          + text.textBytes()
          + " "
          + text.tokenIds()
          + " "
          + text.media();
    } catch (BodyRefused refused) {
      return refused.code() + " " + refused.param() + " " + refused.reason();
    }
  }

  private static void assertSame(Endpoint endpoint, byte[] body, long seed) {
    Random random = new Random(seed);
    String whole = told(endpoint, body, at -> body.length);
    assertThat(told(endpoint, body, at -> 1)).isEqualTo(whole);
    for (int most : new int[] {3, 20, 200, 5_000}) {
      assertThat(told(endpoint, body, at -> 1 + random.nextInt(most)))
          .as(
              "seed %d, pieces up to %d of %s",
              seed, most, new String(body, StandardCharsets.UTF_8))
          .isEqualTo(whole);
    }
  }

  @Property(tries = 1000)
  void ofJson(@ForAll("json") byte[] body, @ForAll long seed) {
    assertSame(Endpoint.CHAT, body, seed);
  }

  @Property(tries = 1000)
  void ofForms(@ForAll("forms") byte[] body, @ForAll long seed) {
    assertSame(Endpoint.TRANSCRIPTIONS, body, seed);
  }

  /** Long enough that its text is only sampled. */
  @Test
  void ofALongPrompt() {
    String line = "Some wörds, 42 tabs\\t and \\\"quotes\\\"; 清晨六点 \\ud83d\\ude00 😀 привет\\n";
    String tool = "{\"type\":\"function\",\"x\":[1,true,null,\"字\",\"a b\"]},";
    String json =
        "{\"prompt\":\""
            + line.repeat(300)
            + "\",\"tools\":["
            + tool.repeat(400)
            + "{}],\"model\":\"m\"}";
    for (int broken = 0; broken < 3; broken++) {
      byte[] body = json.getBytes(StandardCharsets.UTF_8);
      if (broken > 0) {
        body[broken * 9_000] = (byte) 0xc1;
      }
      assertSame(Endpoint.CHAT, body, 3);
    }
    for (int over = 0; over < 2; over++) {
      String user = "{\"user\":\"" + "é".repeat(JsonScan.LONGEST_VALUE + over) + "\"}";
      assertSame(Endpoint.CHAT, user.getBytes(StandardCharsets.UTF_8), 4);
    }
  }

  @Provide
  Arbitrary<byte[]> json() {
    Arbitrary<String> parts =
        Arbitraries.of(
            "\"model\":\"mé\\u00e9\\/\"",
            "\"mod\\u0065l\":null",
            "\"stream\":true",
            "\"user\":\"😀\\ud83d\\ude00\"",
            "\"messages\":[{\"role\":\"user\",\"content\":\"Hello, Wörld 清晨 42\\n\\n  x\"},\"a\"]",
            "\"prompt\":[[1,2],[3]]",
            "\"prompt\":[1,-2.5e+3]",
            "\"prompt\":{\"type\":\"image\"}",
            "\"input\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:\"}},\"t\"]",
            "\"tools\":[ {\"type\":\"function\",\"n\\u0061me\":\"é 字\"}, 12, false]",
            "\"tools\":[ ]",
            "\"stream_options\":{\"include_usage\":false,\"x\":{}}",
            "\"stream_options\":null",
            "\"parameters\":{\"max_new_tokens\":17}",
            "\"max_tokens\":-0",
            "\"n\":2",
            "\"priority\":\"high\"",
            "\"system\":[{\"text\":\"be kind\"}]",
            "\"x\":[[],{},\"\",-0.5E-7]",
            "\"y\":\"\\\"\\\\\"");
    return parts
        .list()
        .ofMaxSize(8)
        .map(
            list ->
                ("\uFEFF { " + String.join(" ,", list) + " } ").getBytes(StandardCharsets.UTF_8))
        .flatMap(AnyCuttingIsTheSameTest::perhapsBroken);
  }

  @Provide
  Arbitrary<byte[]> forms() {
    List<String> parts =
        List.of(
            "\r\n--b\r\n",
            "--b\r\n",
            "\r\n--b--",
            "\r\n--b \t\r\n",
            "\r\n--bc\r\n",
            "\r\n--b-",
            "\r",
            "\n",
            "\r\n",
            "\r\n\r\n",
            "Content-Disposition: form-data; name=\"model\"\r\n\r\n",
            "Content-Disposition: form-data; name=stream\r\n\r\n",
            "Content-Disposition: form-data; filename=\"; name=model\"\r\n\r\n",
            "X: y\r\n",
            "true",
            "whisper-é");
    return Arbitraries.of(parts)
        .list()
        .ofMaxSize(20)
        .map(
            list ->
                ("--b\r\n" + String.join("", list) + "\r\n--b--").getBytes(StandardCharsets.UTF_8));
  }

  /** In one of two, one byte is another, or one is missing. */
  private static Arbitrary<byte[]> perhapsBroken(byte[] body) {
    return Arbitraries.integers()
        .between(-body.length, body.length - 1)
        .flatMap(
            at ->
                Arbitraries.of(
                        (byte) '"',
                        (byte) '\\',
                        (byte) '}',
                        (byte) '[',
                        (byte) 'e',
                        (byte) 0x80,
                        (byte) 0xe3,
                        (byte) 0)
                    .map(
                        other -> {
                          byte[] copy = at % 3 == 1 ? Arrays.copyOf(body, at) : body.clone();
                          if (at >= 0 && at < copy.length) {
                            copy[at] = other;
                          }
                          return copy;
                        }));
  }
}

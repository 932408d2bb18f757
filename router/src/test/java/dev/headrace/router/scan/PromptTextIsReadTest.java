package dev.headrace.router.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a body is text is read with its escapes decoded, and nothing else is. */
class PromptTextIsReadTest {

  private static PromptText read(String json) throws BodyRefused {
    return Scanned.json(json.getBytes(StandardCharsets.UTF_8)).text();
  }

  private static PromptText chat(Object content) throws BodyRefused {
    JsonObject message = new JsonObject().put("role", "user").put("content", content);
    return read(
        new JsonObject().put("model", "m").put("messages", new JsonArray().add(message)).encode());
  }

  private static Map<TextFeature, Double> amounts(PromptText text) {
    Map<TextFeature, Double> all = new EnumMap<>(TextFeature.class);
    for (TextFeature feature : TextFeature.values()) {
      if (text.amount(feature) != 0) {
        all.put(feature, text.amount(feature));
      }
    }
    return all;
  }

  private static Map<TextFeature, Double> content(PromptText text) {
    Map<TextFeature, Double> all = amounts(text);
    all.remove(TextFeature.REQUEST);
    all.remove(TextFeature.MESSAGE);
    return all;
  }

  @ParameterizedTest
  @CsvSource(
      ignoreLeadingAndTrailingWhitespace = false,
      quoteCharacter = '`',
      value = {
        "two words|WORD=2.0",
        "extraordinary|WORD=1.0 LONG_WORD_LETTER=6.0",
        "fooBar|WORD=1.0 INNER_WORD=1.0",
        "HTTP|WORD=1.0 CAPITAL=3.0",
        "x_y|WORD=1.0 INNER_WORD=1.0 PUNCTUATION=1.0",
        "a.b|WORD=1.0 INNER_WORD=1.0 PUNCTUATION=1.0",
        "12345|NUMBER=2.0 FURTHER_DIGIT=3.0",
        "a == b|WORD=2.0 PUNCTUATION=1.0 FURTHER_PUNCTUATION=1.0",
        "    x|WORD=1.0 BLANKS=1.0 INDENT=2.0",
        "naïve|WORD=1.0 ACCENT=1.0",
        "你好，|HAN=2.0 CJK_PUNCTUATION=1.0",
        "テスト한국|SYLLABLE=5.0",
        "привет|ALPHABET=6.0",
        "नम|OTHER_SCRIPT=2.0",
        "—|SYMBOL=1.0",
        "😀|SYMBOL=3.0",
      },
      delimiter = '|')
  void eachPieceHasItsFeature(String text, String expected) throws Exception {
    Map<TextFeature, Double> wanted = new EnumMap<>(TextFeature.class);
    for (String part : expected.split(" ")) {
      String[] sides = part.split("=");
      wanted.put(TextFeature.valueOf(sides[0]), Double.valueOf(sides[1]));
    }
    assertThat(content(chat(text))).isEqualTo(wanted);
  }

  @Test
  void lineBreaksAndTabsAreReadThroughTheirEscapes() throws Exception {
    assertThat(content(chat("a\n\nb\t\tc")))
        .isEqualTo(
            Map.of(
                TextFeature.WORD, 3.0,
                TextFeature.LINE_BREAK, 1.5,
                TextFeature.BLANKS, 1.0,
                TextFeature.INDENT, 1.0));
  }

  /** The client's library decides what it escapes; the text is the same. */
  @Property(tries = 500)
  void anEscapedTextIsTheSameText(
      @ForAll
          @Chars({
            'a', 'Z', '7', ' ', '\n', '\t', '"', '\\', '/', '_', '.', 'é', 'ж', '字', '、', 'カ'
          })
          @StringLength(max = 60)
          String text)
      throws BodyRefused {
    StringBuilder escaped = new StringBuilder();
    for (char c : text.toCharArray()) {
      escaped.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
    }
    PromptText plain = chat(text);
    PromptText other =
        read(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"" + escaped + "\"}],\"model\":\"m\"}");
    assertThat(amounts(other)).isEqualTo(amounts(plain));
  }

  @Test
  void aPairOfEscapesIsOneCharacter() throws Exception {
    assertThat(content(read("{\"prompt\":\"\\uD83D\\uDE00\"}")))
        .isEqualTo(Map.of(TextFeature.SYMBOL, 3.0));
  }

  @Test
  void imagesInBase64AreNoText() throws Exception {
    byte[] pixels = new byte[100_000];
    new Random(7).nextBytes(pixels);
    String url = "data:image/png;base64," + Base64.getEncoder().encodeToString(pixels);
    JsonObject text = new JsonObject().put("type", "text").put("text", "What is this?");
    PromptText openai =
        chat(
            new JsonArray()
                .add(text)
                .add(
                    new JsonObject()
                        .put("type", "image_url")
                        .put("image_url", new JsonObject().put("url", url).put("detail", "low"))));
    PromptText anthropic =
        chat(
            new JsonArray()
                .add(text)
                .add(
                    new JsonObject()
                        .put("type", "image")
                        .put(
                            "source",
                            new JsonObject()
                                .put("type", "base64")
                                .put("media_type", "image/png")
                                .put("data", url))));
    for (PromptText seen : new PromptText[] {openai, anthropic}) {
      assertThat(amounts(seen)).isEqualTo(amounts(chat("What is this?")));
      assertThat(seen.media()).isEqualTo(1);
      assertThat(seen.textBytes()).isEqualTo(13);
    }
  }

  @Test
  void tokenIdsAreCountedOneByOneAndAreNoMessages() throws Exception {
    PromptText one = read("{\"prompt\":[1, 20,300]}");
    PromptText two = read("{\"prompt\":[[1,20],[300,4000]]}");
    assertThat(one.tokenIds()).isEqualTo(3);
    assertThat(two.tokenIds()).isEqualTo(4);
    assertThat(content(one)).isEmpty();
    assertThat(one.amount(TextFeature.MESSAGE)).isZero();
    assertThat(one.known()).isTrue();
  }

  @Test
  void eachMessageOrTextOfAListCounts() throws Exception {
    assertThat(read("{\"input\":[\"a\",\"b\",\"c\"]}").amount(TextFeature.MESSAGE)).isEqualTo(3);
    assertThat(read("{\"prompt\":\"a\"}").amount(TextFeature.MESSAGE)).isEqualTo(1);
    assertThat(
            read("{\"messages\":[{\"content\":\"a\"},{\"content\":[{\"text\":\"b\"}]}]}")
                .amount(TextFeature.MESSAGE))
        .isEqualTo(2);
  }

  @Test
  void instructionsAndToolsBelongToThePrompt() throws Exception {
    PromptText plain = read("{\"messages\":[{\"content\":\"a\"}]}");
    PromptText more =
        read(
            "{\"messages\":[{\"content\":\"a\"}],\"system\":\"be kind\",\"tools\":"
                + "[{\"type\":\"function\",\"function\":{\"name\":\"find_it\"}}]}");
    assertThat(more.amount(TextFeature.WORD)).isGreaterThan(plain.amount(TextFeature.WORD) + 1);
    assertThat(more.amount(TextFeature.INNER_WORD)).isGreaterThanOrEqualTo(6);
    assertThat(more.amount(TextFeature.MESSAGE)).isEqualTo(2);
  }

  @Test
  void callsOfToolsAreTextAndTheirIdsAreNot() throws Exception {
    PromptText seen =
        read(
            "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"call_1\",\"type\":"
                + "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"x\\\":1}\"}}]},"
                + "{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"2\"}]}");
    assertThat(seen.amount(TextFeature.WORD)).isEqualTo(1);
    assertThat(seen.amount(TextFeature.INNER_WORD)).isEqualTo(1);
    assertThat(seen.amount(TextFeature.NUMBER)).isEqualTo(2);
  }

  @Test
  void aVeryLongPromptIsTakenToBeLikeItsSamples() throws Exception {
    String words = "some words and 42 more.\n".repeat(10);
    PromptText once = chat(words);
    PromptText often = chat(words.repeat(10_000));
    assertThat(often.textBytes()).isGreaterThan(8 * PromptReader.CLOSELY);
    for (TextFeature feature : content(once).keySet()) {
      assertThat(often.amount(feature))
          .isCloseTo(once.amount(feature) * 10_000, within(once.amount(feature) * 30));
    }
    assertThat(often.amount(TextFeature.MESSAGE)).isEqualTo(1);
  }

  @Test
  void aLongPromptThatChangesIsReadToItsEnd() throws Exception {
    String english = "some words and 42 more.\n".repeat(1_000);
    String chinese = "清晨六点，渡轮晚了。".repeat(1_000);
    PromptText both = chat(english + chinese);
    for (String part : new String[] {english, chinese}) {
      for (Map.Entry<TextFeature, Double> feature : content(chat(part)).entrySet()) {
        assertThat(both.amount(feature.getKey()))
            .as(feature.getKey().name())
            .isCloseTo(feature.getValue(), withinPercentage(5));
      }
    }
  }

  @Test
  void formsWhoseTextIsNotReadSaySo() throws Exception {
    ScannedRequest form =
        Scanned.multipart(
            "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--b--\r\n"
                .getBytes(StandardCharsets.UTF_8),
            "multipart/form-data; boundary=b");
    assertThat(form.text().known()).isFalse();
    assertThat(read("{\"model\":\"m\"}").known()).isFalse();
  }

  @Test
  void placesOfFeaturesHaveNoGap() {
    int place = 0;
    for (TextFeature feature : TextFeature.values()) {
      assertThat(feature.index()).isEqualTo(place++);
    }
  }
}

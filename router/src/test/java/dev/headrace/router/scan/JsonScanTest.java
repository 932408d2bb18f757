package dev.headrace.router.scan;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.headrace.router.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request asks for is found in one pass, and what is no request is refused by name. */
class JsonScanTest {

  private static ScannedRequest scan(String json) throws BodyRefused {
    return Scanned.json(json);
  }

  private static String refusal(String json) {
    BodyRefused refused = catchThrowableOfType(BodyRefused.class, () -> scan(json));
    return refused.param() + ": " + refused.reason();
  }

  private static String refusal(byte[] json) {
    return catchThrowableOfType(BodyRefused.class, () -> Scanned.json(json)).reason();
  }

  @Test
  void everythingThatRoutingNeedsIsFound() throws Exception {
    String json =
        " {\"messages\":[{\"role\":\"user\",\"content\":\"héllo\"},{\"role\":\"user\",\"content\":\"b\"}],"
            + "\"max_tokens\":16,\"max_completion_tokens\":32,\"n\":2,\"user\":\"u1\",\"priority\":\"high\","
            + "\"stream\":true,\"stream_options\":{\"include_usage\":false,\"x\":1},"
            + "\"tools\":[{\"type\":\"function\"}],\"model\":\"org/näme\",\"unknown\":{\"model\":\"no\"}}";
    ScannedRequest found = scan(json);

    assertThat(found.model()).isEqualTo("org/näme");
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    assertThat(
            new String(
                bytes, found.modelAt().start(), found.modelAt().length(), StandardCharsets.UTF_8))
        .isEqualTo("\"org/näme\"");
    assertThat(found.stream()).isTrue();
    assertThat(found.streamOptions().includeUsage()).isFalse();
    assertThat(found.maxTokens()).isEqualTo(32);
    assertThat(found.choices()).isEqualTo(2);
    assertThat(found.user()).isEqualTo("u1");
    assertThat(found.priorityWord()).isEqualTo("high");
    assertThat(found.promptBytes()).isGreaterThan(60);
    assertThat(found.prefix()).isNull();
    assertThat(found.promptAt())
        .extracting(at -> Scanned.text(json, at).substring(0, 9))
        .containsExactly("[{\"type\":", "[{\"role\":");
  }

  @Test
  void tgisLimitInsideParametersCounts() throws Exception {
    assertThat(scan("{\"inputs\":\"a\",\"parameters\":{\"max_new_tokens\":7}}").maxTokens())
        .isEqualTo(7);
  }

  @Test
  void twoModelsAreRefused() {
    assertThatThrownBy(() -> scan("{\"model\":\"a\",\"model\":\"b\"}"))
        .isInstanceOfSatisfying(
            BodyRefused.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_BODY);
              assertThat(refused.param()).isEqualTo("model");
            });
  }

  @Test
  void unreadableJsonIsRefusedWithItsPosition() {
    assertThatThrownBy(() -> scan("{\"model\": nope}"))
        .isInstanceOf(BodyRefused.class)
        .hasMessageContaining("byte");
  }

  @Test
  void nestingHasABound() {
    String deep = "{\"a\":" + "[".repeat(64) + "]".repeat(64) + "}";
    assertThatThrownBy(() -> scan(deep)).isInstanceOf(BodyRefused.class);
    String allowed = "{\"a\":" + "[".repeat(63) + "]".repeat(63) + "}";
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> scan(allowed))).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "[]",
        "\"m\"",
        "1",
        "null",
        "{",
        "{\"a\":1",
        "{\"a\":1} x",
        "{\"a\":1}{}",
        "{\"a\" 1}",
        "{'a':1}",
        "{\"a\":1,}",
        "// c\n{}",
        "{\"model\":1}",
        "{\"model\":{}}",
        "\uFEFF",
        " \uFEFF{}",
        "\uFEFF\uFEFF{}",
        "{\u0000\"a\":1}"
      })
  void whatIsNotOneObjectIsRefused(String junk) {
    assertThatThrownBy(() -> scan(junk)).isInstanceOf(BodyRefused.class);
  }

  @Test
  void aNameIsTheSameHoweverItIsWritten() throws Exception {
    String json = "{\"\\u006dodel\":\"a\",\"\\u0073tre\\u0061m\":true,\"us\\u0065r\":\"u\"}";
    ScannedRequest found = scan(json);
    assertThat(found.model()).isEqualTo("a");
    assertThat(found.stream()).isTrue();
    assertThat(found.user()).isEqualTo("u");
    assertThat(refusal("{\"model\":\"a\",\"mod\\u0065l\":\"b\"}")).contains("more than once");
    assertThat(scan("{\"models\":\"a\",\"mode\":\"b\",\"MODEL\":\"c\",\"\":\"d\"}").model())
        .isNull();
  }

  @Test
  void whatIsKeptIsKeptWithItsEscapesRead() throws Exception {
    ScannedRequest found =
        scan("{\"model\":\"a\\/b\\u00e9\\ud83d\\ude00\\\"é\",\"user\":\"\\n\\t\\b\\f\\r\\\\\"}");
    assertThat(found.model()).isEqualTo("a/bé😀\"é");
    assertThat(found.user()).isEqualTo("\n\t\b\f\r\\");
  }

  @Test
  void ofDuplicatesTheLastCounts() throws Exception {
    String json =
        "{\"user\":\"a\",\"user\":\"b\",\"stream\":true,\"stream\":1,\"n\":2,\"n\":3,"
            + "\"priority\":\"high\",\"priority\":1,\"prompt\":\"x\",\"prompt\":\"yy\","
            + "\"stream_options\":{\"include_usage\":true},\"stream_options\":{}}";
    ScannedRequest found = scan(json);
    assertThat(found.user()).isEqualTo("b");
    assertThat(found.stream()).isFalse();
    assertThat(found.choices()).isEqualTo(3);
    assertThat(found.priorityWord()).isNull();
    assertThat(found.promptAt()).extracting(at -> Scanned.text(json, at)).containsExactly("\"yy\"");
    assertThat(found.streamOptions().includeUsage()).isFalse();
    assertThat(found.streamOptions().empty()).isTrue();
  }

  @Test
  void whatIsOfAnotherKindThanItShouldBeIsPassedOver() throws Exception {
    ScannedRequest found =
        scan(
            "{\"user\":{\"user\":\"a\"},\"n\":[7],\"max_tokens\":{\"max_tokens\":9},\"priority\":[\"x\"],"
                + "\"stream\":\"true\",\"parameters\":[{\"max_new_tokens\":5}],\"tools\":{\"a\":1},"
                + "\"stream_options\":[{\"include_usage\":true}],\"model\":null}");
    assertThat(found.user()).isNull();
    assertThat(found.choices()).isEqualTo(1);
    assertThat(found.maxTokens()).isEqualTo(-1);
    assertThat(found.priorityWord()).isNull();
    assertThat(found.stream()).isFalse();
    assertThat(found.streamOptions().includeUsage()).isFalse();
    assertThat(found.model()).isNull();
    assertThat(found.modelAt()).isNull();
    assertThat(scan("{\"n\":1.0,\"max_tokens\":1e3}").maxTokens()).isEqualTo(-1);
    assertThat(scan("{\"max_tokens\":9999999999999999999}").maxTokens()).isEqualTo(-1);
  }

  @Test
  void aByteOrderMarkIsPassedOverAndPlacesStayRight() throws Exception {
    byte[] body = "\uFEFF {\"model\":\"m\",\"stream\":true}".getBytes(StandardCharsets.UTF_8);
    ScannedRequest found = Scanned.json(body);
    assertThat(found.modelAt()).isEqualTo(new Span(13, 16));
    assertThat(new String(Scanned.spliced(body, found, "long", true), StandardCharsets.UTF_8))
        .isEqualTo(
            "\uFEFF {\"stream_options\":{\"include_usage\":true},\"model\":\"long\",\"stream\":true}");
  }

  @Test
  void bytesThatAreNoTextAreNeverReadAsOne() {
    String[] bad = {
      "c1 ad",
      "c0 80",
      "e0 80 80",
      "e0 9f bf",
      "ed a0 80",
      "ed bf bf",
      "f0 80 80 80",
      "f4 90 80 80",
      "f5 80 80 80",
      "ff",
      "80",
      "bf",
      "c3",
      "e3 81",
      "f0 9f 98",
      "c3 28",
      "e3 81 28"
    };
    for (String hex : bad) {
      for (String form :
          new String[] {"{\"%sodel\":1}", "{\"prompt\":\"%s \"}", "{\"model\":\"%s\"}"}) {
        String bytes = new String(HexFormat.ofDelimiter(" ").parseHex(hex), ISO_8859_1);
        assertThat(refusal(String.format(Locale.ROOT, form, bytes).getBytes(ISO_8859_1)))
            .as(hex)
            .contains("a text is not UTF-8");
      }
    }
  }

  @Test
  void anErrorIsToldWithItsPlaceAndAtOnce() throws Exception {
    assertThat(refusal("{\"a\":1,}"))
        .isEqualTo(
            "null: The request body is not valid JSON at byte 7: a name in double quotes was expected.");
    assertThat(refusal("{\"a\":[1 2]}")).contains("at byte 8: a comma or ] was expected");
    assertThat(refusal("{\"a\":01}")).contains("at byte 6");
    assertThat(refusal("{\"a\":-}")).contains("at byte 6: a digit");
    assertThat(refusal("{\"a\":tru}")).contains("at byte 5");
    assertThat(refusal("{\"a\":\"\\x\"}")).contains("at byte 7: an escape");
    assertThat(refusal("{\"a\":\"\n\"}")).contains("at byte 6: a text has a control character");
    assertThat(refusal("{\"a\":1")).contains("at byte 6: it ends before");
    assertThat(refusal("{\"model\":7}")).startsWith("model: ");

    BodyScan scan = new JsonScan();
    byte[] broken = "{\"a\":}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> scan.feed(broken, 0, broken.length)).isInstanceOf(BodyRefused.class);
  }

  @Test
  void numbersAndKeptTextsHaveABound() throws Exception {
    scan("{\"a\":" + "1".repeat(1000) + "}");
    assertThat(refusal("{\"a\":" + "1".repeat(1001) + "}")).contains("limit");
    String longest = "x".repeat(JsonScan.LONGEST_VALUE);
    assertThat(scan("{\"user\":\"" + longest + "\"}").user()).isEqualTo(longest);
    for (String name : new String[] {"user", "model", "priority"}) {
      assertThat(refusal("{\"" + name + "\":\"" + longest + "x\"}"))
          .startsWith(name + ": '" + name);
    }
    assertThat(scan("{\"" + longest.repeat(16) + "\":1,\"model\":\"m\"}").model()).isEqualTo("m");
  }
}

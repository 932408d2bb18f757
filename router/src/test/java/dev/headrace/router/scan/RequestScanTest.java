package dev.headrace.router.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.headrace.router.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request asks for is found in one pass, and what is no request is refused by name. */
class RequestScanTest {

  private static ScannedRequest scan(String json) throws BodyRefused {
    return Scanned.json(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void everythingThatRoutingNeedsIsFound() throws Exception {
    String json =
        " {\"messages\":[{\"role\":\"user\",\"content\":\"héllo\"},{\"role\":\"user\",\"content\":\"b\"}],"
            + "\"max_tokens\":16,\"max_completion_tokens\":32,\"n\":2,\"user\":\"u1\",\"priority\":-3,"
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
    assertThat(found.priority()).isEqualTo(-3L);
    assertThat(found.messages()).isEqualTo(2);
    assertThat(found.promptBytes()).isGreaterThan(60);
    assertThat(found.prefix()).isNull();
    assertThat(found.promptAt()).hasSize(2);
    assertThat(found.tools()).isTrue();
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
        "\uFEFF{}",
        "{\u0000\"a\":1}"
      })
  void whatIsNotOneObjectIsRefused(String junk) {
    assertThatThrownBy(() -> scan(junk)).isInstanceOf(BodyRefused.class);
  }
}

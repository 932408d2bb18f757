package dev.headrace.router.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.config.HeadraceConfig.KeyLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits of API keys in the file: what they mean, and what is refused. */
class RateLimitsAreReadTest {
  @TempDir private Path folder;

  private HeadraceConfig withKeys(String yaml) throws Exception {
    Files.writeString(folder.resolve("keys.txt"), "alice:sk-alice\n");
    Path file =
        Files.writeString(
            folder.resolve("headrace.yaml"), "auth: { keys-file: keys.txt }\n" + yaml);
    ConfigResult result = new ConfigLoader(Map.of()).load(file, ConfigOverrides.NONE);
    assertThat(result).isInstanceOf(ConfigResult.Ok.class);
    return ((ConfigResult.Ok) result).config();
  }

  @Test
  void nothing_is_limited_by_itself() {
    assertThat(ConfigLoader.defaults().rateLimits()).isEqualTo(HeadraceConfig.RateLimits.NONE);
  }

  @Test
  void a_default_and_keys_are_read() throws Exception {
    HeadraceConfig config =
        withKeys(
            """
            rate-limits:
              default: { requests-per-minute: 600, tokens-per-minute: 200000, concurrency: 32 }
              keys:
                alice: { requests-per-minute: 60, concurrency: unlimited, priority: high }
            """);
    assertThat(config.rateLimits().otherwise()).isEqualTo(new KeyLimits(600L, 200_000L, 32L, null));
    assertThat(config.rateLimits().keys())
        .isEqualTo(Map.of("alice", new KeyLimits(60L, null, 0L, Priority.HIGH)));
  }

  @Test
  void the_default_can_come_from_the_environment() {
    ConfigResult result =
        Configs.parse("", Map.of("HEADRACE_RATE_LIMITS_DEFAULT_TOKENS_PER_MINUTE", "5000"));
    assertThat(((ConfigResult.Ok) result).config().rateLimits().otherwise().tokensPerMinute())
        .isEqualTo(5000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "requests-per-minute: 0 | requests-per-minute = 0  expected a whole number, 1 to 1000000, or"
            + " unlimited",
        "concurrency: -1 | concurrency = -1  expected a whole number, 1 to 1000000, or unlimited;"
            + " did you mean unlimited?",
        "tokens-per-minute: 200k | tokens-per-minute = 200k  expected a whole number, 1 to"
            + " 1000000000, or unlimited; did you mean 200000?",
        "tokens-per-minute: 1.5M | tokens-per-minute = 1.5M  expected a whole number, 1 to"
            + " 1000000000, or unlimited; did you mean 1500000?",
        "tokens-per-minute: 200_000 | tokens-per-minute = 200_000  expected a whole number, 1 to"
            + " 1000000000, or unlimited; did you mean 200000?",
        "tokens-per-minute: 1000000001 | tokens-per-minute = 1000000001  expected a whole number, 1"
            + " to 1000000000, or unlimited",
        "requests-per-minute: none | requests-per-minute = none  expected a whole number, 1 to"
            + " 1000000, or unlimited; did you mean unlimited?",
        "priority: hihg | priority = hihg  expected one of high, medium, low; did you mean high?",
        "request-per-minute: 5 | request-per-minute  is not a known key; expected one of"
            + " requests-per-minute, tokens-per-minute, concurrency, priority; did you mean"
            + " requests-per-minute?",
      })
  void a_limit_that_cannot_be_is_refused_with_what_was_expected(String written, String told) {
    assertThat(Configs.mistakes("rate-limits: { default: { " + written + " } }"))
        .containsExactly("headrace.yaml:1  rate-limits.default." + told);
  }

  @Test
  void limits_of_keys_without_a_file_of_keys_would_do_nothing() {
    assertThat(Configs.mistakes("rate-limits:\n  keys:\n    alice: { concurrency: 1 }\n"))
        .singleElement()
        .asString()
        .contains("rate-limits.keys  has no effect", "auth.keys-file", "rate-limits.default");
  }

  @Test
  void an_unknown_field_of_a_key_is_refused_with_its_path() {
    assertThat(
            Configs.mistakes(
                "rate-limits: { keys: { alice: { tokens: 1 } } }\nauth: { keys-file: nowhere }"))
        .anyMatch(line -> line.contains("rate-limits.keys.alice.tokens  is not a known key"));
  }
}

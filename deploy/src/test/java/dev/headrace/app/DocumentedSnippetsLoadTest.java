package dev.headrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.config.ConfigLoader;
import dev.headrace.router.config.ConfigOverrides;
import dev.headrace.router.config.ConfigReference;
import dev.headrace.router.config.ConfigResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documentation shows as configuration is configuration. */
class DocumentedSnippetsLoadTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern YAML =
      Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "HEADRACE_ADMIN_TOKEN", "a-token",
          "CONSUL_HTTP_TOKEN", "another",
          "OPENAI_API_KEY", "a-key",
          "GPU_KEY", "a-key");

  static Stream<String> snippets() throws IOException {
    List<String> found = new ArrayList<>();
    for (String page : List.of("README.md", "docs/configuration.md", "docs/outliers.md")) {
      Path path = ROOT.resolve(page);
      if (Files.exists(path)) {
        Matcher matcher = YAML.matcher(Files.readString(path));
        while (matcher.find()) {
          found.add(matcher.group(1));
        }
      }
    }
    found.add(Files.readString(ROOT.resolve("deploy/systemd/headrace.yaml")));
    found.add(Files.readString(ROOT.resolve("deploy/compose/headrace.yaml")));
    return found.stream();
  }

  @ParameterizedTest
  @MethodSource("snippets")
  void every_snippet_loads_without_a_mistake(String yaml, @TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("keys.txt"), "");
    Path file = Files.writeString(folder.resolve("headrace.yaml"), yaml);
    ConfigResult result = new ConfigLoader(ENVIRONMENT).load(file, ConfigOverrides.NONE);
    assertThat(result).as(result.toString()).isInstanceOf(ConfigResult.Ok.class);
  }

  @Test
  void the_table_of_keys_is_the_one_that_the_program_prints() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/configuration.md"));
    assertThat(page)
        .as("docs/configuration.md is out of date: ./headrace config reference --markdown")
        .contains(ConfigReference.markdown());
  }
}

package dev.headrace.app.real;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/compatibility.md} names the versions of the client libraries that are tested. */
class DocumentedVersionsTest {
  private final String document = read("..", "docs", "compatibility.md");

  @Test
  void theJavaLibrariesVersionsAreThoseOfTheBuild() {
    String build = read("..", "pom.xml");

    for (String library : new String[] {"openai-java", "anthropic-java", "langchain4j"}) {
      String open = "<" + library + ".version>";
      int begin = build.indexOf(open) + open.length();
      String version = build.substring(begin, build.indexOf('<', begin));
      assertThat(document).containsPattern(library + ".*\\| " + version + " \\|");
    }
  }

  @Test
  void theOtherLibrariesVersionsAreThoseThatAreInstalled() throws IOException {
    JsonNode pins = new ObjectMapper().readTree(read("src", "test", "js", "package.json"));

    assertThat(pins.path("dependencies").size()).isEqualTo(4);
    pins.path("dependencies")
        .fields()
        .forEachRemaining(
            pin ->
                assertThat(document)
                    .containsPattern(
                        "`" + pin.getKey() + "`.*\\|.*\\b" + pin.getValue().asText() + "\\b.*\\|"));
    for (String pin : read("src", "test", "py", "requirements.txt").lines().toList()) {
      String[] parts = pin.split("==");
      assertThat(document).contains("PyPI `" + parts[0] + "` | " + parts[1] + " |");
    }
  }

  private static String read(String first, String... more) {
    try {
      return Files.readString(Path.of(first, more));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}

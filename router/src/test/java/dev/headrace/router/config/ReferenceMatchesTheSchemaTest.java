package dev.headrace.router.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ReferenceMatchesTheSchemaTest {

  @Test
  void the_reference_is_a_valid_file_that_changes_nothing() {
    assertThat(Configs.good(ConfigReference.yaml())).isEqualTo(ConfigLoader.defaults());
  }

  @Test
  void every_key_of_the_schema_is_in_both_forms_of_the_reference() {
    String yaml = ConfigReference.yaml();
    String markdown = ConfigReference.markdown();
    assertThat(keys(Schema.ROOT, "", yaml, markdown)).isGreaterThan(50);
  }

  private static int keys(Shape<?> shape, String path, String yaml, String markdown) {
    if (shape instanceof Shape.ListOf<?> list) {
      return keys(list.element(), path + "[]", yaml, markdown);
    }
    if (shape instanceof Shape.MapOf<?> map) {
      return keys(map.element(), path + "." + map.key(), yaml, markdown);
    }
    int count = 0;
    if (shape instanceof Shape.Section<?> section) {
      for (Field<?> field : section.fields()) {
        String key = path.isEmpty() ? field.name() : path + "." + field.name();
        assertThat(yaml).contains(field.name() + ":");
        assertThat(markdown).contains("| `" + key + "` |");
        count += 1 + keys(field.shape(), key, yaml, markdown);
      }
    }
    return count;
  }

  @Test
  void every_default_in_it_is_within_its_own_bounds() {
    ConfigResult result = Configs.parse("fleet: { embedded: {}, consul: {} }", Map.of());
    assertThat(result).isInstanceOf(ConfigResult.Ok.class);
  }
}

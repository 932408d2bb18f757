package dev.headrace.router.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

/** Reads YAML texts for tests. */
final class Configs {
  private Configs() {}

  static ConfigResult parse(String yaml, Map<String, String> environment) {
    return new ConfigLoader(environment).parse(yaml, "headrace.yaml", ConfigOverrides.NONE);
  }

  static HeadraceConfig good(String yaml) {
    ConfigResult result = parse(yaml, Map.of());
    assertThat(result).isInstanceOf(ConfigResult.Ok.class);
    return ((ConfigResult.Ok) result).config();
  }

  /** The mistakes, each as the line that a person reads. */
  static List<String> mistakes(String yaml) {
    return mistakes(yaml, Map.of());
  }

  static List<String> mistakes(String yaml, Map<String, String> environment) {
    ConfigResult result = parse(yaml, environment);
    assertThat(result).as(yaml).isInstanceOf(ConfigResult.Refused.class);
    return ((ConfigResult.Refused) result)
        .problems().stream().map(ConfigProblem::toString).toList();
  }
}

package dev.headrace.router.config;

import java.util.List;

/** What came of reading a configuration: all of it, or all its mistakes. */
public sealed interface ConfigResult {

  /**
   * A configuration without a mistake.
   *
   * @param settings every setting that holds, defaults included, in the order of the reference;
   *     secrets hidden
   */
  record Ok(HeadraceConfig config, List<EffectiveSetting> settings) implements ConfigResult {
    public Ok {
      settings = List.copyOf(settings);
    }
  }

  /** At least one mistake, in the order of the file. */
  record Refused(List<ConfigProblem> problems) implements ConfigResult {
    public Refused {
      problems = List.copyOf(problems);
    }
  }
}

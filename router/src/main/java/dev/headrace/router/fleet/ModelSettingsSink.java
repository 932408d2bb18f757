package dev.headrace.router.fleet;

import java.util.Map;

/** Takes what operators set at run time, from wherever it is kept. Any thread. */
@FunctionalInterface
public interface ModelSettingsSink {

  /**
   * Replaces all that operators had set before.
   *
   * @param byModel by model name; a model that is absent follows the file again
   */
  void operatorSettings(Map<String, ModelSettingsPatch> byModel);
}

package dev.headrace.router.fleet;

import java.util.Map;

/** Takes what operators set at run time. */
@FunctionalInterface
public interface ModelSettingsSink {

  /**
   * Replaces all earlier operator settings.
   *
   * @param byModel the complete set, by model name; a model that is absent has the configured
   *     settings again
   */
  void operatorSettings(Map<String, ModelSettingsPatch> byModel);
}

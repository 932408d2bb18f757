package dev.headrace.router.fleet;

import dev.headrace.router.config.HeadraceConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Settings by model: the defaults, over them the file, over both what operators set at run time.
 * Immutable, pure.
 *
 * <p>An alias may point to an alias; the snapshot holds the end of the chain. What cannot hold is
 * left out and named in the complaints: an alias with the name of a served model, an alias that two
 * models claim (the operator's claim wins over the file's, then the lower model name), a chain that
 * bites its tail. An alias of a model that nobody serves yet is kept: it starts to work when the
 * model appears.
 */
final class SettingsBook {
  /**
   * @param aliases alias to the model's name
   * @param complaints one line each, for the log
   */
  record Aliases(Map<String, String> aliases, List<String> complaints) {}

  private final HeadraceConfig.Defaults defaults;
  private final HeadraceConfig.Admission admission;
  private final Map<String, HeadraceConfig.Model> file;
  private final Map<String, ModelSettingsPatch> operator;

  SettingsBook(
      HeadraceConfig.Defaults defaults,
      HeadraceConfig.Admission admission,
      Map<String, HeadraceConfig.Model> file,
      Map<String, ModelSettingsPatch> operator) {
    this.defaults = defaults;
    this.admission = admission;
    this.file = Map.copyOf(file);
    this.operator = Map.copyOf(operator);
  }

  SettingsBook withFile(
      HeadraceConfig.Defaults newDefaults,
      HeadraceConfig.Admission newAdmission,
      Map<String, HeadraceConfig.Model> newFile) {
    return new SettingsBook(newDefaults, newAdmission, newFile, operator);
  }

  SettingsBook withOperator(Map<String, ModelSettingsPatch> patches) {
    return new SettingsBook(defaults, admission, file, patches);
  }

  /** What holds for this model; complete for any name. */
  ModelSettings of(String model) {
    HeadraceConfig.Model base = file.getOrDefault(model, HeadraceConfig.Model.EMPTY);
    ModelSettingsPatch patch = operator.get(model);
    Map<String, Double> weights = new HashMap<>(base.weights());
    if (patch != null) {
      weights.putAll(patch.weights());
    }
    weights.values().removeIf(weight -> !(weight > 0) || weight.isInfinite());
    return new ModelSettings(
        aliasesOf(model),
        first(
            patch == null ? null : patch.firstTokenTimeout(),
            base.firstTokenTimeout(),
            defaults.firstTokenTimeout()),
        first(
            patch == null ? null : patch.idleTimeout(), base.idleTimeout(), defaults.idleTimeout()),
        first(
            patch == null ? null : patch.totalTimeout(),
            base.totalTimeout(),
            defaults.totalTimeout()),
        first(patch == null ? null : patch.policy(), base.policy(), defaults.policy()),
        weights,
        admission(base, patch));
  }

  private HeadraceConfig.Admission admission(
      HeadraceConfig.Model base, @Nullable ModelSettingsPatch patch) {
    HeadraceConfig.Admission ofFile = base.admission().over(admission);
    return patch == null ? ofFile : patch.admission().over(ofFile);
  }

  /**
   * @param served the models that workers serve now
   */
  Aliases aliases(Set<String> served) {
    List<String> complaints = new ArrayList<>();
    Map<String, String> direct = new TreeMap<>();
    Set<String> models = new TreeSet<>(file.keySet());
    models.addAll(operator.keySet());
    claim(models.stream().filter(this::setByOperator).toList(), served, direct, complaints);
    claim(models.stream().filter(m -> !setByOperator(m)).toList(), served, direct, complaints);
    Map<String, String> resolved = new HashMap<>();
    for (String alias : direct.keySet()) {
      String end = endOf(alias, direct);
      if (end == null) {
        complaints.add("alias '" + alias + "' leads back to itself and is ignored");
      } else {
        resolved.put(alias, end);
      }
    }
    return new Aliases(resolved, complaints);
  }

  private void claim(
      List<String> models,
      Set<String> served,
      Map<String, String> direct,
      List<String> complaints) {
    for (String model : models) {
      for (String alias : aliasesOf(model)) {
        if (served.contains(alias)) {
          complaints.add(
              "alias '"
                  + alias
                  + "' of '"
                  + model
                  + "' is ignored: workers serve a model so named");
          continue;
        }
        String other = direct.putIfAbsent(alias, model);
        if (other != null && !other.equals(model)) {
          complaints.add(
              "alias '"
                  + alias
                  + "' of '"
                  + model
                  + "' is ignored: '"
                  + other
                  + "' has it already");
        }
      }
    }
  }

  private static @Nullable String endOf(String alias, Map<String, String> direct) {
    Set<String> seen = new HashSet<>();
    String name = alias;
    while (true) {
      String next = direct.get(name);
      if (next == null) {
        return name;
      }
      if (!seen.add(name)) {
        return null;
      }
      name = next;
    }
  }

  private boolean setByOperator(String model) {
    ModelSettingsPatch patch = operator.get(model);
    return patch != null && patch.aliases() != null;
  }

  private List<String> aliasesOf(String model) {
    ModelSettingsPatch patch = operator.get(model);
    if (patch != null && patch.aliases() != null) {
      return patch.aliases();
    }
    return file.getOrDefault(model, HeadraceConfig.Model.EMPTY).aliases();
  }

  private static <T> T first(@Nullable T operator, @Nullable T file, T fallback) {
    return operator != null ? operator : file != null ? file : fallback;
  }
}

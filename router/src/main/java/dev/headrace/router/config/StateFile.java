package dev.headrace.router.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the last known fleet is kept. Without a word about it there is a file for each data port,
 * but only with Consul: the other sources do not need one.
 */
record StateFile(@Nullable Path path, boolean chosenHere) {
  private static final String NONE = "none";

  static StateFile of(HeadraceConfig config, Path folder, Map<String, String> environment) {
    Path written = config.fleet().stateFile();
    if (written != null) {
      return new StateFile(written.equals(Path.of(NONE)) ? null : folder.resolve(written), false);
    }
    if (config.fleet().consul() == null) {
      return new StateFile(null, false);
    }
    Path home = folder(environment);
    return new StateFile(
        home == null ? null : home.resolve("fleet-" + config.listen().getPort() + ".json"), true);
  }

  /** The settings with this one among them, after the rest of {@code fleet}. */
  List<EffectiveSetting> shownIn(List<EffectiveSetting> settings) {
    if (!chosenHere || path == null) {
      return settings;
    }
    List<EffectiveSetting> result = new ArrayList<>(settings);
    int place = 0;
    for (int i = 0; i < result.size(); i++) {
      if (result.get(i).path().startsWith("fleet.")) {
        place = i + 1;
      }
    }
    result.add(place, new EffectiveSetting("fleet.state-file", path.toString(), Origin.DEFAULT));
    return result;
  }

  private static @Nullable Path folder(Map<String, String> environment) {
    String systemd = environment.getOrDefault("STATE_DIRECTORY", "");
    if (!systemd.isEmpty()) {
      return Path.of(systemd.split(":", -1)[0]);
    }
    String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
    if (!xdg.isEmpty()) {
      return Path.of(xdg, "headrace");
    }
    String home = environment.getOrDefault("HOME", "");
    return home.isEmpty() ? null : Path.of(home, ".local", "state", "headrace");
  }
}

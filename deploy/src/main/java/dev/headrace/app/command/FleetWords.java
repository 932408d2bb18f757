package dev.headrace.app.command;

import dev.headrace.router.config.HeadraceConfig;
import java.util.ArrayList;
import java.util.List;

/** The sources of workers in words. */
final class FleetWords {
  private FleetWords() {}

  static String sources(HeadraceConfig.Fleet fleet) {
    List<String> words = new ArrayList<>();
    if (!fleet.staticWorkers().isEmpty()) {
      words.add("the file (" + fleet.staticWorkers().size() + ")");
    }
    if (fleet.embedded() != null) {
      words.add("registration at the admin port");
    }
    HeadraceConfig.Consul consul = fleet.consul();
    if (consul != null) {
      words.add("Consul at " + consul.host() + ":" + consul.port());
    }
    return String.join(", ", words);
  }
}

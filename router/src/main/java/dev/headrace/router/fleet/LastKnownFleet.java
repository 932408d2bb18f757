package dev.headrace.router.fleet;

import dev.headrace.worker.WorkerProfile;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a process knew of its fleet: the content of the state file. Holds no secrets.
 *
 * @param salt of the public worker ids, so that they stay the same over restarts
 * @param sources by name
 * @param settings what operators had set, by model
 */
record LastKnownFleet(
    String salt, Map<String, Source> sources, Map<String, ModelSettingsPatch> settings) {

  LastKnownFleet {
    sources = Map.copyOf(sources);
    settings = Map.copyOf(settings);
  }

  /**
   * @param confirmedAt when the list was last known to be right
   */
  record Source(Instant confirmedAt, List<Remembered> workers) {
    Source {
      workers = List.copyOf(workers);
    }
  }

  /**
   * @param spec as the source gave it
   * @param told what the worker itself had answered, or null
   */
  record Remembered(WorkerSpec spec, @Nullable WorkerProfile told) {}

  /** The same content, with the times of confirmation taken out: for comparison. */
  LastKnownFleet withoutTimes() {
    Map<String, Source> timeless = new HashMap<>();
    sources.forEach(
        (name, source) -> timeless.put(name, new Source(Instant.EPOCH, source.workers())));
    return new LastKnownFleet(salt, timeless, settings);
  }
}

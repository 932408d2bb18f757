package dev.headrace.router.fleet;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One source as the directory sees it: its last list, or that of an earlier process while it has
 * given none. Changed on the directory's loop only; {@link #status} may be called on any thread.
 */
final class SourceDesk {
  private final FleetSource source;
  private final LongSupplier clock;
  private final InstantSource wall;
  private volatile Listed listed = new Listed(List.of(), false, false, 0);
  private final Set<String> fromEarlierProcess = new HashSet<>();
  private volatile LastKnownFleet.@Nullable Source remembered;

  private record Listed(
      List<WorkerSpec> workers, boolean reported, boolean fromDisk, long reportedAt) {}

  SourceDesk(FleetSource source, LongSupplier clock, InstantSource wall) {
    this.source = source;
    this.clock = clock;
    this.wall = wall;
  }

  FleetSource source() {
    return source;
  }

  List<WorkerSpec> list() {
    return listed.workers();
  }

  /** Takes note of what an earlier process knew. */
  void remember(LastKnownFleet.Source lastKnown) {
    remembered = lastKnown;
    lastKnown.workers().forEach(worker -> fromEarlierProcess.add(worker.spec().key()));
    source.restore(specs(lastKnown));
  }

  void reported(List<WorkerSpec> workers) {
    listed = new Listed(List.copyOf(workers), true, false, clock.getAsLong());
  }

  /** Uses the remembered list if the source has given none. Returns true when that changed it. */
  boolean fallBack() {
    LastKnownFleet.Source earlier = remembered;
    if (listed.reported() || listed.fromDisk() || earlier == null) {
      return false;
    }
    listed = new Listed(specs(earlier), false, true, 0);
    return true;
  }

  /**
   * True when a new worker may take requests before the router's own first check. A source that
   * takes its workers back by itself reports them before anybody has seen them: those wait.
   */
  boolean vouchesFor(WorkerSpec spec) {
    return source.watchesHealth() && listed.reported() && !fromEarlierProcess.contains(spec.key());
  }

  /** The worker left: should it come again, it is new. */
  void left(String key) {
    fromEarlierProcess.remove(key);
  }

  /** When the list was last known to be right, or null when nothing is known. */
  @Nullable Instant confirmedAt() {
    Listed now = listed;
    if (now.reported()) {
      return wall.instant().minusNanos(age(now));
    }
    LastKnownFleet.Source earlier = remembered;
    return earlier == null ? null : earlier.confirmedAt();
  }

  SourceStatus status() {
    Listed now = listed;
    LastKnownFleet.Source earlier = remembered;
    long age = -1;
    if (now.reported()) {
      age = age(now);
    } else if (earlier != null) {
      age = Math.max(0, Duration.between(earlier.confirmedAt(), wall.instant()).toNanos());
    }
    return new SourceStatus(
        source.name(), now.workers().size(), now.reported(), now.fromDisk(), age);
  }

  private long age(Listed now) {
    Long confirmed = source.confirmedAtNanos();
    long since = confirmed == null ? now.reportedAt() : Math.max(confirmed, now.reportedAt());
    return Math.max(0, clock.getAsLong() - since);
  }

  private static List<WorkerSpec> specs(LastKnownFleet.Source source) {
    return source.workers().stream().map(LastKnownFleet.Remembered::spec).toList();
  }
}

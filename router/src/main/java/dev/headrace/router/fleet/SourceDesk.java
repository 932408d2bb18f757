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
 * given none. Confined to the directory's loop.
 */
final class SourceDesk {
  private final FleetSource source;
  private final LongSupplier clock;
  private final InstantSource wall;
  private List<WorkerSpec> list = List.of();
  private final Set<String> fromEarlierProcess = new HashSet<>();
  private boolean reported;
  private boolean fromDisk;
  private long reportedAt;
  private LastKnownFleet.@Nullable Source remembered;

  SourceDesk(FleetSource source, LongSupplier clock, InstantSource wall) {
    this.source = source;
    this.clock = clock;
    this.wall = wall;
  }

  FleetSource source() {
    return source;
  }

  List<WorkerSpec> list() {
    return list;
  }

  /** Takes note of what an earlier process knew. */
  void remember(LastKnownFleet.Source lastKnown) {
    remembered = lastKnown;
    lastKnown.workers().forEach(worker -> fromEarlierProcess.add(worker.spec().key()));
    source.restore(specs(lastKnown));
  }

  void reported(List<WorkerSpec> workers) {
    list = List.copyOf(workers);
    reportedAt = clock.getAsLong();
    reported = true;
    fromDisk = false;
  }

  /** Uses the remembered list if the source has given none. Returns true when that changed it. */
  boolean fallBack() {
    if (reported || fromDisk || remembered == null) {
      return false;
    }
    list = specs(remembered);
    fromDisk = true;
    return true;
  }

  /**
   * True when a new worker may take requests before the router's own first check. A source that
   * takes its workers back by itself reports them before anybody has seen them: those wait.
   */
  boolean vouchesFor(WorkerSpec spec) {
    return source.watchesHealth() && reported && !fromEarlierProcess.contains(spec.key());
  }

  /** The worker left: should it come again, it is new. */
  void left(String key) {
    fromEarlierProcess.remove(key);
  }

  /** When the list was last known to be right, or null when nothing is known. */
  @Nullable Instant confirmedAt() {
    if (!reported) {
      return remembered == null ? null : remembered.confirmedAt();
    }
    return wall.instant().minusNanos(age());
  }

  SourceStatus status() {
    long age;
    if (reported) {
      age = age();
    } else if (remembered != null) {
      age = Math.max(0, Duration.between(remembered.confirmedAt(), wall.instant()).toNanos());
    } else {
      age = -1;
    }
    return new SourceStatus(source.name(), list.size(), reported, fromDisk, age);
  }

  private long age() {
    Long confirmed = source.confirmedAtNanos();
    long since = confirmed == null ? reportedAt : Math.max(confirmed, reportedAt);
    return Math.max(0, clock.getAsLong() - since);
  }

  private static List<WorkerSpec> specs(LastKnownFleet.Source source) {
    return source.workers().stream().map(LastKnownFleet.Remembered::spec).toList();
  }
}

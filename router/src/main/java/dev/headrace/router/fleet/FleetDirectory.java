package dev.headrace.router.fleet;

import dev.headrace.router.balance.Outliers;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.WorkerProfile;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Knows the fleet: merges what the sources say, asks workers for what the sources leave open, and
 * publishes one immutable snapshot whenever something has changed.
 *
 * <p>Its state is confined to one event loop; {@link #current()} and all other methods may be
 * called from any thread. A worker that survives an update keeps its ledger and its live state. A
 * worker that is removed gets no new request, and its leases end by themselves; should it return
 * while some are still open, it gets its old ledger back, so that they count.
 */
public final class FleetDirectory implements FleetView, ModelSettingsSink {
  private static final Logger LOG = Logger.getLogger(FleetDirectory.class.getName());

  /**
   * What the directory works with.
   *
   * @param context the event loop that it lives on
   * @param stateFile where the last known fleet is kept, or null: nowhere
   * @param clock monotonic nanoseconds
   * @param outliers who in which pool is out of use because of what requests told
   */
  public record Parts(
      Vertx vertx,
      Context context,
      List<FleetSource> sources,
      WorkerInquiry inquiry,
      EngineCatalog engines,
      @Nullable FleetStateFile stateFile,
      FleetTimings timings,
      LongSupplier clock,
      InstantSource wall,
      RandomGenerator random,
      Outliers outliers) {
    public Parts {
      sources = List.copyOf(sources);
    }
  }

  /**
   * How many workers are known and not in the fleet.
   *
   * @param unresolved too little is known of them
   * @param shadowed another worker has their address
   */
  public record Aside(int unresolved, int shadowed) {}

  private final Parts parts;
  private final LoopGate gate;
  private final WorkerInterviews interviews;
  private final SourceDesks desks;
  private final WorkerRoster roster;
  private final WorkerLog log;
  private final Tidying tidying;
  private final List<Consumer<FleetSnapshot>> listeners = new CopyOnWriteArrayList<>();
  private final @Nullable FleetKeeper keeper;
  private Map<String, SourceMerge.Shadow> shadowed = Map.of();
  private Map<String, ModelSettingsPatch> operator = Map.of();
  private Map<String, ModelSettingsPatch> operatorBefore = Map.of();
  private boolean operatorHasSpoken;
  private List<String> complaints = List.of();
  private SettingsBook book;
  private PublicIds publicIds;
  private boolean rebuildPlanned;
  private boolean stopped;
  private volatile FleetSnapshot current = FleetSnapshot.EMPTY;
  private volatile Aside aside = new Aside(0, 0);
  private volatile boolean ready;

  public FleetDirectory(
      Parts parts,
      HeadraceConfig.Defaults defaults,
      HeadraceConfig.Admission admission,
      Map<String, HeadraceConfig.Model> models) {
    this.parts = parts;
    this.gate = new LoopGate(parts.vertx(), parts.context());
    this.desks = new SourceDesks(parts.sources(), parts.clock(), parts.wall());
    this.log = new WorkerLog(gate);
    this.interviews =
        new WorkerInterviews(
            gate,
            parts.inquiry(),
            parts.engines(),
            parts.timings(),
            new Jitter(parts.random()),
            entry -> rebuildSoon(),
            log);
    this.roster = new WorkerRoster(interviews, parts.engines(), parts.clock());
    this.tidying = new Tidying(gate, parts.clock());
    tidying.listen(names -> roster.keepOnly(names.models()));
    tidying.listen(names -> parts.outliers().keepOnly(names.models()));
    this.book = new SettingsBook(defaults, admission, models, Map.of());
    String salt = Long.toHexString(parts.random().nextLong());
    this.publicIds = new PublicIds(salt);
    FleetStateFile file = parts.stateFile();
    this.keeper =
        file == null ? null : new FleetKeeper(parts.vertx(), gate, file, salt, this::lastKnown);
  }

  @Override
  public FleetSnapshot current() {
    return current;
  }

  /**
   * Starts all sources.
   *
   * @return succeeds when each source has reported or is known to be out of reach, and the workers
   *     that had to be asked have answered or not in due time; fails when a source can never work
   */
  public Future<Void> start() {
    return gate.compose(
        () -> {
          tidying.start();
          Future<LastKnownFleet> known =
              keeper == null ? Future.succeededFuture(null) : keeper.read();
          Promise<Void> started = Promise.promise();
          known.onComplete(read -> gate.run(() -> open(read.result()).onComplete(started)));
          return started.future();
        });
  }

  /** Stops the sources and all questions. Leases and the last snapshot stay as they are. */
  public Future<Void> stop() {
    return gate.compose(
        () -> {
          stopped = true;
          roster.hush();
          tidying.stop();
          log.write();
          List<Future<Void>> ends = new ArrayList<>();
          desks.all().forEach(desk -> ends.add(desk.source().stop()));
          if (keeper != null) {
            ends.add(keeper.flush());
          }
          return Future.join(ends).mapEmpty();
        });
  }

  /**
   * Tells each new snapshot, on the directory's loop; the current one at once. A listener must be
   * quick.
   */
  public void onChange(Consumer<FleetSnapshot> listener) {
    gate.run(
        () -> {
          listeners.add(listener);
          tell(listener, current);
        });
  }

  @Override
  public @Nullable String notReady() {
    if (wasRoutable()) {
      return null;
    }
    String unheard = desks.unheard();
    if (unheard != null) {
      return "the " + unheard + " source has not answered yet";
    }
    int known = current.workers().size() + aside.unresolved();
    if (known > 0) {
      return "none of the workers takes requests yet, " + known + " known";
    }
    ready = true;
    return null;
  }

  /** True once some worker was routable. */
  private boolean wasRoutable() {
    if (!ready && current.workers().values().stream().anyMatch(Worker::routable)) {
      ready = true;
    }
    return ready;
  }

  @Override
  public void onTidy(Consumer<KnownNames> listener) {
    gate.run(() -> tidying.listen(listener));
  }

  /** Tells now which names count. */
  Future<Void> tidy() {
    return gate.call(
        () -> {
          tidying.tidy();
          return null;
        });
  }

  @Override
  public void operatorSettings(Map<String, ModelSettingsPatch> byModel) {
    Map<String, ModelSettingsPatch> patches = Map.copyOf(byModel);
    gate.run(
        () -> {
          operatorHasSpoken = true;
          operator = patches;
          book = book.withOperator(patches);
          rebuild();
        });
  }

  /** Takes the file's settings anew, after it was changed. */
  public void fileSettings(
      HeadraceConfig.Defaults defaults,
      HeadraceConfig.Admission admission,
      Map<String, HeadraceConfig.Model> models) {
    gate.run(
        () -> {
          book = book.withFile(defaults, admission, models);
          rebuild();
        });
  }

  /** Asks a worker again what it is, because there is reason to believe that it has changed. */
  public void askAgain(String key) {
    gate.run(
        () -> {
          if (!stopped) {
            roster.askAgain(key);
          }
        });
  }

  /**
   * An operator's word on a worker. It holds at once, for as long as the worker is known, and when
   * it comes back within an hour. Any thread.
   *
   * @return false when no such worker is known
   */
  public Future<Boolean> mark(String key, Consumer<Worker.Live> word) {
    return gate.call(
        () -> {
          WorkerEntry entry = roster.find(key);
          if (entry != null) {
            word.accept(entry.live());
            looked(key);
          }
          return entry != null;
        });
  }

  /** The state of a worker may have changed. Called on the directory's loop. */
  void looked(String key) {
    wasRoutable();
    Worker worker = current.workers().get(key);
    if (worker != null) {
      log.look(worker);
    }
  }

  /** All workers, those included that are not in the fleet, ordered by key. */
  public Future<List<WorkerStatus>> workers() {
    return gate.call(
        () -> {
          List<WorkerStatus> all = new ArrayList<>(roster.statuses());
          shadowed.forEach(
              (key, shadow) ->
                  all.add(
                      new WorkerStatus(
                          shadow.spec(),
                          publicIds.of(key),
                          WorkerState.SHADOWED,
                          "same address as " + shadow.winner(),
                          0,
                          null)));
          return List.copyOf(all);
        });
  }

  /** How far each source can be trusted now, in their order. Any thread. */
  public List<SourceStatus> sources() {
    return desks.statuses();
  }

  /** Workers that are known and not in the fleet: not resolved yet, or shadowed. Any thread. */
  public Aside aside() {
    return aside;
  }

  private Future<Void> open(@Nullable LastKnownFleet known) {
    if (known != null) {
      recall(known);
    }
    List<Future<Void>> starts = new ArrayList<>();
    for (SourceDesk desk : desks.all()) {
      Future<Void> start;
      try {
        start = desk.source().start(list -> gate.run(() -> reported(desk, list)));
      } catch (RuntimeException e) {
        start = Future.failedFuture(e);
      }
      long patience = gate.timer(parts.timings().patience().toMillis(), () -> fallBack(desk));
      start.onComplete(
          ignored ->
              gate.run(
                  () -> {
                    gate.cancel(patience);
                    fallBack(desk);
                  }));
      starts.add(start);
    }
    return Future.join(starts).compose(ignored -> firstOutcomes());
  }

  /** The first answers of workers, or the end of patience with them; they are in the snapshot. */
  private Future<Void> firstOutcomes() {
    Promise<Void> enough = Promise.promise();
    gate.run(
        () -> {
          long patience =
              gate.timer(parts.timings().patience().toMillis(), () -> enough.tryComplete());
          interviews
              .firstOutcomes()
              .onComplete(
                  ignored ->
                      gate.run(
                          () -> {
                            gate.cancel(patience);
                            rebuild();
                            enough.tryComplete();
                          }));
        });
    return enough.future();
  }

  private void recall(LastKnownFleet known) {
    publicIds = new PublicIds(known.salt());
    desks.remember(known.sources());
    for (LastKnownFleet.Source source : known.sources().values()) {
      for (LastKnownFleet.Remembered worker : source.workers()) {
        WorkerProfile told = worker.told();
        if (told != null) {
          roster.remember(worker.spec(), told);
        }
      }
    }
    operatorBefore = known.settings();
  }

  private void reported(SourceDesk desk, List<WorkerSpec> list) {
    if (!stopped) {
      desk.reported(list);
      rebuild();
    }
  }

  private void fallBack(SourceDesk desk) {
    if (!stopped && desk.fallBack()) {
      LOG.log(
          Level.WARNING,
          "The {0} source has not answered: {1} workers are taken from the last run",
          new Object[] {desk.source().name(), desk.list().size()});
      if (!operatorHasSpoken) {
        book = book.withOperator(operatorBefore);
      }
      rebuild();
    }
  }

  private void rebuildSoon() {
    if (!rebuildPlanned) {
      rebuildPlanned = true;
      gate.later(
          () -> {
            rebuildPlanned = false;
            rebuild();
          });
    }
  }

  private void rebuild() {
    if (stopped) {
      return;
    }
    SourceMerge.Merged merged = SourceMerge.merge(desks.lists());
    shadowed = merged.shadowed();
    roster.settle(merged.workers(), desks::of, publicIds);
    publish();
  }

  private void publish() {
    List<Worker> workers = roster.resolved();
    aside = new Aside(roster.size() - workers.size(), shadowed.size());
    FleetSnapshot before = current;
    SettingsBook.Aliases aliases = book.aliases(SnapshotBuilder.models(workers));
    FleetSnapshot next =
        SnapshotBuilder.build(
            before.version() + 1, workers, aliases.aliases(), book, parts.outliers());
    complain(aliases.complaints());
    if (keeper != null) {
      keeper.changed();
    }
    if (!SnapshotBuilder.sameFleet(before, next)) {
      current = next;
      wasRoutable();
      parts.outliers().follow(next.members());
      tidying.follow(next);
      log.follow(next, this::whyGone);
      listeners.forEach(listener -> tell(listener, next));
    }
  }

  private String whyGone(String key) {
    SourceMerge.Shadow shadow = shadowed.get(key);
    if (shadow != null) {
      return "it has the same address as " + shadow.winner();
    }
    WorkerEntry entry = roster.find(key);
    return entry == null ? "its source no longer names it" : "too little is known of it";
  }

  private static void tell(Consumer<FleetSnapshot> listener, FleetSnapshot snapshot) {
    try {
      listener.accept(snapshot);
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "A listener of the fleet failed", e);
    }
  }

  private void complain(List<String> now) {
    now.stream().filter(line -> !complaints.contains(line)).forEach(LOG::warning);
    complaints = now;
  }

  private LastKnownFleet lastKnown(String salt) {
    Map<String, LastKnownFleet.Source> sources = desks.lastKnown(roster::told);
    return new LastKnownFleet(salt, sources, operatorHasSpoken ? operator : operatorBefore);
  }
}

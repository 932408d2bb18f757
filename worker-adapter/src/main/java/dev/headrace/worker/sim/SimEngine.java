package dev.headrace.worker.sim;

import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * What is behind one worker's port: dialect, cost model, faults in force, counts. Confined to the
 * worker's event loop, except the counts.
 */
final class SimEngine {
  private final Vertx vertx;
  private final SimOptions options;
  private final SimDialect dialect;
  private final InstantSource clock;
  private final Counters counters;
  private final EngineLoop loop;
  private final SplittableRandom random;
  private final IntConsumer refuse;
  private final Set<CostModel.Sequence> computing = new LinkedHashSet<>();
  private final long startedAt;
  private SimFaults faults = SimFaults.NONE;
  private int shownRunning;
  private int shownWaiting;
  private double shownKv;
  private long answers;
  private int inFlight;

  /**
   * @param refuse stops listening for so many milliseconds
   */
  SimEngine(
      Vertx vertx, SimOptions options, Counters counters, InstantSource clock, IntConsumer refuse) {
    this.vertx = vertx;
    this.options = options;
    this.counters = counters;
    this.clock = clock;
    this.refuse = refuse;
    this.dialect = SimDialect.of(options);
    this.loop = new EngineLoop(vertx, new CostModel(options.cost(), options.seed()), counters);
    this.random = new SplittableRandom(options.seed());
    this.startedAt = clock.instant().getEpochSecond();
  }

  Vertx vertx() {
    return vertx;
  }

  SimOptions options() {
    return options;
  }

  SimDialect dialect() {
    return dialect;
  }

  Counters counters() {
    return counters;
  }

  EngineLoop loop() {
    return loop;
  }

  SplittableRandom random() {
    return random;
  }

  SimFaults faults() {
    return faults;
  }

  /** Puts these faults in force in place of those before. */
  void faults(SimFaults next) {
    if (next.gauges() == SimFaults.Gauges.FROZEN) {
      shownRunning = loop.model().running();
      shownWaiting = loop.model().waiting();
      shownKv = loop.model().kvUsage();
    }
    boolean refused = faults.refuseMs() > 0;
    faults = next;
    if (next.refuseMs() > 0 || refused) {
      refuse.accept(next.refuseMs());
    }
  }

  /** The faults on requests, for one request: all of them, or none when chance spares it. */
  SimFaults faultsOfRequest() {
    return faults.probability() >= 1 || random.nextDouble() < faults.probability()
        ? faults
        : faults.spared();
  }

  /** A name for the next answer, told apart by seed and worker. */
  String nextId() {
    return Long.toHexString(CostModel.mix(options.seed() * 31 + options.name().hashCode()) >>> 8)
        + Long.toHexString(++answers + 0x1000);
  }

  long nowSeconds() {
    return clock.instant().getEpochSecond();
  }

  /** What must not share KV blocks: other adapters, other salts. */
  long salt(String toldModel, String cacheSalt) {
    return toldModel.hashCode() + 31L * cacheSalt.hashCode();
  }

  /** True when the engine's own limit lets one more request in. */
  boolean admits() {
    int limit = options.admissionLimit();
    if (limit == 0) {
      return true;
    }
    return options.engine().equals("tgi") ? inFlight < limit : loop.model().waiting() < limit;
  }

  void began(CostModel.Sequence sequence) {
    inFlight++;
    computing.add(sequence);
  }

  /** The client left: the engine stops the work, now or as late as it is told to. */
  void abandon(CostModel.Sequence sequence) {
    if (options.abortDelayMs() == 0) {
      ended(sequence);
    } else {
      vertx.setTimer(options.abortDelayMs(), fired -> ended(sequence));
    }
  }

  void ended(CostModel.Sequence sequence) {
    if (computing.remove(sequence)) {
      inFlight--;
      loop.cancel(sequence);
    }
  }

  /** What the engine's pages show now. */
  EngineView view() {
    CostModel model = loop.model();
    int running = model.running();
    int waiting = model.waiting();
    double kv = model.kvUsage();
    switch (faults.gauges()) {
      case TRUE -> {}
      case FROZEN -> {
        running = shownRunning;
        waiting = shownWaiting;
        kv = shownKv;
      }
      case ZERO -> {
        running = 0;
        waiting = 0;
        kv = 0;
      }
      case ADDED -> {
        running = Math.max(0, running + faults.gaugesAdded());
        waiting = Math.max(0, waiting + faults.gaugesAdded());
      }
    }
    Instant now = clock.instant();
    return new EngineView(
        options,
        counters.stats(options),
        running,
        waiting,
        model.waitingTokens(),
        kv,
        model.preemptions(),
        slots(running),
        startedAt,
        now.getEpochSecond() + now.getNano() / 1e9);
  }

  void stop() {
    loop.stop();
  }

  private List<EngineView.Slot> slots(int running) {
    List<EngineView.Slot> slots = new ArrayList<>();
    for (CostModel.Sequence sequence : computing) {
      if (slots.size() < running && sequence.running()) {
        slots.add(
            new EngineView.Slot(
                sequence.promptTokens(),
                sequence.cachedTokens(),
                sequence.generated(),
                sequence.remaining()));
      }
    }
    while (slots.size() < running) {
      slots.add(new EngineView.Slot(1, 0, 0, 1));
    }
    return slots;
  }
}

package dev.headrace.worker.agent;

import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerProfile;
import dev.headrace.worker.agent.Announcement.Status;
import dev.headrace.worker.load.WorkerLoad;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The agent beside one engine. Confined to the context that called {@link #start}, except {@link
 * #drain} and {@link #kill}, which any thread may call.
 *
 * <p>States: watching → draining → stopped. While watching, every change of the engine becomes an
 * announcement; from the first drain on there is only one more: that it drains. Order of a drain:
 * announce, wait for the running requests, take the worker off the list, end an owned process.
 */
public final class WorkerAgent {
  private final Vertx vertx;
  private final AgentOptions options;
  private final EngineAccess engine;
  private final Registration registration;
  private final Consumer<String> say;
  private final Consumer<String> engineOutput;
  private final LongSupplier nanos;
  private final RandomGenerator random;
  private final Promise<Void> stopped = Promise.promise();
  private volatile @Nullable Context context;
  private volatile @Nullable ProcessKeeper process;
  private @Nullable EngineWatch watch;
  private @Nullable RegistrationKeeper keeper;
  private @Nullable Announcement announced;
  private String saidHealth = "";
  private boolean draining;

  /**
   * @param say gets one line for a person at each turn of events
   * @param engineOutput gets each line that an owned engine writes, on a thread of its own
   */
  public WorkerAgent(
      Vertx vertx,
      AgentOptions options,
      Registration registration,
      Consumer<String> say,
      Consumer<String> engineOutput) {
    this(
        vertx,
        options,
        new ProbedEngine(vertx, options),
        registration,
        say,
        engineOutput,
        System::nanoTime,
        RandomGenerator.getDefault());
  }

  WorkerAgent(
      Vertx vertx,
      AgentOptions options,
      EngineAccess engine,
      Registration registration,
      Consumer<String> say,
      Consumer<String> engineOutput,
      LongSupplier nanos,
      RandomGenerator random) {
    this.vertx = vertx;
    this.options = options;
    this.engine = engine;
    this.registration = registration;
    this.say = say;
    this.engineOutput = engineOutput;
    this.nanos = nanos;
    this.random = random;
  }

  /**
   * Starts an owned engine, and to watch.
   *
   * @return fails when the engine's program cannot be started; an engine that does not answer yet
   *     is waited for
   */
  public Future<Void> start() {
    Context own = vertx.getOrCreateContext();
    context = own;
    Promise<Void> started = Promise.promise();
    own.runOnContext(v -> begin(own).onComplete(started));
    return started.future();
  }

  /** Drains and stops; the first call counts. Any thread. */
  public Future<Void> drain() {
    Context own = context;
    if (own == null) {
      return Future.succeededFuture();
    }
    own.runOnContext(v -> beginDrain(own));
    return stopped.future();
  }

  /** Succeeds when a drain is over. */
  public Future<Void> stopped() {
    return stopped.future();
  }

  /** Ends an owned engine at once, for when the program itself ends at once. Any thread. */
  public void kill() {
    ProcessKeeper owned = process;
    if (owned != null) {
      owned.kill();
    }
  }

  private Future<Void> begin(Context own) {
    keeper = new RegistrationKeeper(own, registration, say, random);
    EngineWatch watching =
        new EngineWatch(
            own, engine, options.interval(), options.describeEvery(), nanos, this::observed);
    watch = watching;
    List<String> command = options.command();
    if (command == null) {
      watching.start();
      return Future.succeededFuture();
    }
    ProcessKeeper owned =
        new ProcessKeeper(own, command, engineOutput, say, watching::ended, nanos, random);
    process = owned;
    say.accept("starting " + command.get(0));
    return owned.start().onSuccess(v -> own.runOnContext(w -> watching.start()));
  }

  private void observed(EngineWatch.Observation now) {
    ProcessKeeper owned = process;
    if (owned != null) {
      owned.observed(now.health().state());
    }
    if (draining) {
      return;
    }
    WorkerProfile profile = now.profile();
    sayHealth(now.health(), profile != null);
    if (profile == null) {
      return;
    }
    Announcement next = announcement(profile, now.health());
    sayDescription(next);
    announced = next;
    if (keeper != null) {
      keeper.announce(next);
    }
  }

  private Announcement announcement(WorkerProfile profile, WorkerHealth health) {
    List<ServedModel> models =
        options.models() == null
            ? profile.models()
            : options.models().stream().map(name -> known(profile, name)).toList();
    Integer limit =
        options.maxConcurrency() == null ? profile.maxConcurrency() : options.maxConcurrency();
    return new Announcement(
        options.id(),
        options.advertised(),
        profile.engine(),
        profile.version(),
        models,
        limit,
        options.weight(),
        options.meta(),
        health.ready() ? Status.PASSING : Status.CRITICAL,
        health.ready() ? "" : reason(health));
  }

  private static ServedModel known(WorkerProfile profile, String name) {
    return profile.models().stream()
        .filter(model -> model.id().equals(name))
        .findFirst()
        .orElse(ServedModel.of(name));
  }

  private static String reason(WorkerHealth health) {
    return switch (health.state()) {
      case LOADING -> "loading";
      case DRAINING -> "the engine is draining";
      default -> "down: " + health.reason();
    };
  }

  private void sayHealth(WorkerHealth health, boolean described) {
    String line =
        health.ready()
            ? "the engine is ready"
            : !described
                ? "waiting for the engine at " + options.url() + ": " + health.reason()
                : "the engine takes no requests: " + reason(health);
    boolean firstAndReady = saidHealth.isEmpty() && health.ready();
    if (!line.equals(saidHealth) && !firstAndReady) {
      say.accept(line);
    }
    saidHealth = line;
  }

  private void sayDescription(Announcement next) {
    Announcement before = announced;
    if (before == null) {
      say.accept(
          "found "
              + next.engine()
              + (next.version() == null ? "" : " " + next.version())
              + " at "
              + options.url()
              + " with "
              + names(next.models())
              + (next.maxConcurrency() == null
                  ? ""
                  : ", " + next.maxConcurrency() + " requests at once"));
      return;
    }
    List<ServedModel> came = new ArrayList<>(next.models());
    came.removeAll(before.models());
    List<ServedModel> went = new ArrayList<>(before.models());
    went.removeAll(next.models());
    if (!came.isEmpty() || !went.isEmpty()) {
      say.accept(
          "models changed:"
              + (came.isEmpty() ? "" : " now also " + names(came))
              + (came.isEmpty() || went.isEmpty() ? "" : ";")
              + (went.isEmpty() ? "" : " no longer " + names(went)));
    }
  }

  private static String names(List<ServedModel> models) {
    return models.isEmpty()
        ? "no model"
        : String.join(", ", models.stream().map(ServedModel::id).toList());
  }

  private void beginDrain(Context own) {
    if (draining) {
      return;
    }
    draining = true;
    awaitIdle(own)
        .compose(v -> takeOff())
        .compose(v -> endProcess())
        .eventually(this::release)
        .onComplete(result -> stopped.tryComplete());
  }

  private Future<Void> awaitIdle(Context own) {
    Announcement last = announced;
    if (last == null
        || keeper == null
        || !keeper.everRegistered()
        || last.status() != Status.PASSING) {
      return Future.succeededFuture();
    }
    keeper.announce(last.with(Status.DRAINING, "draining"));
    say.accept(
        "draining: no new requests; running ones get up to "
            + options.drainTimeout().toSeconds()
            + " s");
    return new DrainWait(own, () -> load(last), nanos, options.drainTimeout())
        .start()
        .map(
            end -> {
              say.accept(
                  end == DrainWait.End.IDLE
                      ? "drained: the engine is idle"
                      : "the time to drain is over");
              return null;
            });
  }

  private Future<WorkerLoad> load(Announcement last) {
    return engine.load(last.engine());
  }

  private Future<Void> takeOff() {
    if (keeper == null) {
      return Future.succeededFuture();
    }
    boolean known = keeper.everRegistered();
    return keeper
        .remove()
        .onSuccess(
            v ->
                say.accept(
                    known
                        ? "deregistered from " + registration.target()
                        : "stopped; it was never registered"))
        .recover(
            failure -> {
              say.accept(
                  "could not deregister from "
                      + registration.target()
                      + " ("
                      + failure.getMessage()
                      + "); the registration will expire");
              return Future.succeededFuture();
            });
  }

  private Future<Void> endProcess() {
    if (watch != null) {
      watch.stop();
    }
    ProcessKeeper owned = process;
    return owned == null
        ? Future.succeededFuture()
        : owned
            .stop(options.stopTimeout())
            .onSuccess(v -> say.accept("the engine's process has ended"));
  }

  private Future<Void> release() {
    return registration.close().eventually(engine::close);
  }
}

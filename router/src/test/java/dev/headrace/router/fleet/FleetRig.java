package dev.headrace.router.fleet;

import static org.awaitility.Awaitility.await;

import dev.headrace.router.admission.Order;
import dev.headrace.router.balance.Outliers;
import dev.headrace.router.config.HeadraceConfig;
import dev.headrace.worker.ServedModel;
import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.engine.Engines;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A directory with scripted workers, short delays and a loop of its own. */
public final class FleetRig implements AutoCloseable {
  public static final Duration PATIENCE = Duration.ofSeconds(20);
  public static final HeadraceConfig.Defaults DEFAULTS =
      new HeadraceConfig.Defaults(
          Duration.ofSeconds(2),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofMinutes(10),
          Duration.ofSeconds(10),
          "least-load");
  public static final HeadraceConfig.Admission ADMISSION =
      new HeadraceConfig.Admission(1000, Duration.ofSeconds(60), Order.FCFS);
  static final FleetTimings FAST =
      new FleetTimings(
          Duration.ofMillis(10),
          Duration.ofMillis(50),
          Duration.ofMillis(50),
          Duration.ofMillis(200),
          8);

  public final Vertx vertx = Vertx.vertx();
  public final Context context = vertx.getOrCreateContext();
  public final ScriptedInquiry inquiry = new ScriptedInquiry();

  /** How far the directories' clock is ahead of the real one [ns]. */
  public final AtomicLong ahead = new AtomicLong();

  private final List<FleetDirectory> directories = new ArrayList<>();

  /** Nobody is ever ejected, unless the test says otherwise before it makes a directory. */
  public Outliers outliers = Outliers.off();

  public FleetDirectory directory(FleetSource... sources) {
    return directory(null, Map.of(), sources);
  }

  public FleetDirectory directory(
      Path stateFile, Map<String, HeadraceConfig.Model> models, FleetSource... sources) {
    FleetDirectory directory =
        new FleetDirectory(
            new FleetDirectory.Parts(
                vertx,
                context,
                List.of(sources),
                inquiry,
                Engines::byId,
                stateFile == null ? null : new FleetStateFile(stateFile),
                FAST,
                () -> System.nanoTime() + ahead.get(),
                InstantSource.system(),
                new Random(7),
                outliers),
            DEFAULTS,
            ADMISSION,
            models);
    directories.add(directory);
    return directory;
  }

  public FleetDirectory started(FleetSource... sources) {
    FleetDirectory directory = directory(sources);
    result(directory.start());
    return directory;
  }

  public static <T> T result(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("the future failed or took too long", e);
    }
  }

  public static void eventually(org.awaitility.core.ThrowingRunnable assertion) {
    await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).untilAsserted(assertion);
  }

  public static HeadraceConfig.StaticWorker fixed(String id, int port, String... models) {
    return new HeadraceConfig.StaticWorker(id, url(port), "vllm", List.of(models), 8, 1, null);
  }

  public static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  public static WorkerSpec spec(String source, String id, int port, String... models) {
    return new WorkerSpec(
        source,
        id,
        WorkerAddress.parse(url(port)),
        "vllm",
        Stream.of(models).map(ServedModel::of).toList(),
        8,
        1,
        false,
        false,
        null,
        Map.of());
  }

  @Override
  public void close() {
    directories.forEach(directory -> result(directory.stop()));
    result(vertx.close());
  }

  /** A source that the test drives. */
  public static final class Hand implements FleetSource {
    private final String name;
    private final boolean watchesHealth;
    private final Future<Void> started;
    private volatile Consumer<List<WorkerSpec>> listener;

    public Hand(String name) {
      this(name, true, Future.succeededFuture());
    }

    public Hand(String name, boolean watchesHealth, Future<Void> started) {
      this.name = name;
      this.watchesHealth = watchesHealth;
      this.started = started;
    }

    public void report(WorkerSpec... workers) {
      listener.accept(List.of(workers));
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public boolean watchesHealth() {
      return watchesHealth;
    }

    @Override
    public Future<Void> start(Consumer<List<WorkerSpec>> onChange) {
      listener = onChange;
      return started;
    }

    @Override
    public Future<Void> stop() {
      return Future.succeededFuture();
    }
  }
}

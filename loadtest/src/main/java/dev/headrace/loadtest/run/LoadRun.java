package dev.headrace.loadtest.run;

import dev.headrace.loadtest.LoadOptions;
import dev.headrace.loadtest.Progress;
import dev.headrace.loadtest.result.LatencySummary;
import dev.headrace.loadtest.result.LoadResult;
import dev.headrace.loadtest.result.Metric;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One run: deploys the loops, starts them at one moment, watches, adds up. The collector is touched
 * by the watch timer and, after that is cancelled, by the end of the run; both hold the lock.
 */
public final class LoadRun {
  private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long WATCH_MILLIS = 1000;

  private final Vertx vertx;
  private final LoadOptions options;
  private final Consumer<Progress> watcher;
  private final LiveCounts live = new LiveCounts();
  private final List<LoadLoop> loops = new ArrayList<>();
  private final RunCollector collector = new RunCollector();
  private long startNanos;
  private long cpuAtStart;
  private long gcAtStart;
  private Instant started = Instant.EPOCH;

  /**
   * @param watcher told about once per second, on a thread of Vert.x
   */
  public LoadRun(Vertx vertx, LoadOptions options, Consumer<Progress> watcher) {
    this.vertx = vertx;
    this.options = options;
    this.watcher = watcher;
    for (int loop = 0; loop < options.loops(); loop++) {
      loops.add(new LoadLoop(options, loop, live));
    }
  }

  /** Runs to the end of the last answer. To be called once. */
  public Future<LoadResult> run() {
    List<Future<String>> deployments = loops.stream().map(vertx::deployVerticle).toList();
    return Future.all(deployments)
        .compose(
            ready -> {
              long watch = begin();
              return Future.all(loops.stream().map(loop -> loop.run(startNanos)).toList())
                  .onComplete(end -> vertx.cancelTimer(watch));
            })
        .map(end -> finish())
        .eventually(() -> Future.all(deployments.stream().map(this::undeploy).toList()));
  }

  private Future<Void> undeploy(Future<String> deployment) {
    return deployment.succeeded() ? vertx.undeploy(deployment.result()) : Future.succeededFuture();
  }

  private long begin() {
    started = Instant.now();
    startNanos = System.nanoTime() + LEAD_NANOS;
    cpuAtStart = processCpuNanos();
    gcAtStart = gcMillis();
    return vertx.setPeriodic(WATCH_MILLIS, tick -> watch());
  }

  private synchronized void watch() {
    LatencySummary ttft = new LatencySummary(collector.take(Metric.TTFT, recorders()));
    watcher.accept(
        new Progress(
            Duration.ofNanos(System.nanoTime() - startNanos),
            live.completed(),
            live.failed(),
            live.inFlight(),
            ttft.value(50)));
  }

  private synchronized LoadResult finish() {
    return collector.finish(
        options,
        started,
        startNanos + options.warmup().toNanos(),
        recorders(),
        processCpuNanos() - cpuAtStart,
        System.nanoTime() - startNanos,
        gcMillis() - gcAtStart);
  }

  private List<LoopRecorder> recorders() {
    return loops.stream().map(LoadLoop::recorder).toList();
  }

  private static long processCpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }

  private static long gcMillis() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .sum();
  }
}

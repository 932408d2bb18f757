package dev.headrace.loadtest;

import dev.headrace.loadtest.result.LoadResult;
import dev.headrace.loadtest.run.LoadRun;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Consumer;

/** Measures a worker, a fleet or a router that speaks the OpenAI API. Any thread. */
public final class Benchmark {
  private Benchmark() {}

  /**
   * Runs one load to its end.
   *
   * @param vertx with at least as many event loops as {@code options} asks for; a native transport
   *     keeps the plan's times ten times better than NIO
   * @param watcher told about once per second, on a thread of Vert.x
   */
  public static Future<LoadResult> run(
      Vertx vertx, LoadOptions options, Consumer<Progress> watcher) {
    return new LoadRun(vertx, options, watcher).run();
  }
}

package dev.headrace.worker.probe;

import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.engine.Engines;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that uses up its file descriptors and then asks a healthy worker for its health; it
 * prints what came of it. To be run with a low limit of descriptors.
 */
final class OutOfDescriptors {
  private OutOfDescriptors() {}

  public static void main(String[] arguments) throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    EngineProbe probe = new EngineProbe(vertx, Duration.ofSeconds(10));
    // Once with descriptors, and once refused, so that all classes are there: they are files, too.
    String before = health(probe, worker(vertx));
    health(probe, WorkerAddress.parse("http://127.0.0.1:1"));
    LocalFault.is(new IllegalStateException());
    WorkerAddress other = worker(vertx);
    List<FileInputStream> all = new ArrayList<>();
    String after = "";
    try {
      while (true) {
        all.add(new FileInputStream("/dev/null"));
      }
    } catch (FileNotFoundException none) {
      after = health(probe, other);
    } finally {
      all.get(0).close();
      System.out.println(before + " | " + after);
      System.exit(0);
    }
  }

  private static WorkerAddress worker(Vertx vertx) throws Exception {
    Future<Integer> port =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.response().end())
            .listen(0, "127.0.0.1")
            .map(server -> server.actualPort());
    return WorkerAddress.parse("http://127.0.0.1:" + ProbeAsksAWorkerTest.await(port));
  }

  private static String health(EngineProbe probe, WorkerAddress address) throws Exception {
    return ProbeAsksAWorkerTest.await(
        probe
            .health(address, Engines.byId("vllm"), null)
            .map(health -> health.state().name())
            .otherwise(failure -> "local " + LocalFault.is(failure) + ": " + failure.getMessage()));
  }
}

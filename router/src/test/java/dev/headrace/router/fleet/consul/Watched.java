package dev.headrace.router.fleet.consul;

import static org.awaitility.Awaitility.await;

import dev.headrace.router.fleet.WorkerSpec;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A started source with all lists that it reported. */
final class Watched implements AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(30);

  final ConsulFleetSource source;
  final List<List<WorkerSpec>> reports = new CopyOnWriteArrayList<>();

  Watched(Vertx vertx, FakeConsul consul, Duration grace, String... services) {
    this(vertx, consul, grace, List.of(), services);
  }

  Watched(
      Vertx vertx,
      FakeConsul consul,
      Duration grace,
      List<WorkerSpec> restored,
      String... services) {
    source =
        new ConsulFleetSource(
            vertx, consul.config(services), System::nanoTime, new Random(7), grace);
    source.restore(restored);
    FakeConsul.finish(source.start(reports::add));
  }

  Map<String, WorkerSpec> now() {
    return reports.isEmpty()
        ? Map.of()
        : reports.get(reports.size() - 1).stream()
            .collect(Collectors.toMap(WorkerSpec::id, Function.identity()));
  }

  void until(Predicate<Map<String, WorkerSpec>> condition) {
    await().atMost(LIMIT).until(() -> condition.test(now()));
  }

  @Override
  public void close() {
    FakeConsul.finish(source.stop());
  }
}

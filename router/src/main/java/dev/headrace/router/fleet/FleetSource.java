package dev.headrace.router.fleet;

import io.vertx.core.Future;
import java.util.List;
import java.util.function.Consumer;

/**
 * Somewhere that workers come from. A source reports its whole list each time something changed; it
 * never reports an empty list because it lost its connection.
 */
public interface FleetSource {

  /**
   * {@code static}, {@code embedded} or {@code consul}: the first part of the key of its workers.
   */
  String name();

  /**
   * Starts to watch.
   *
   * @param onChange gets the complete list, on the context that called start
   * @return succeeds when the first list was reported, or when it is known that the source cannot
   *     be reached for now (it keeps trying); fails only for what will never work
   */
  Future<Void> start(Consumer<List<WorkerSpec>> onChange);

  Future<Void> stop();
}

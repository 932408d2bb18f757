package dev.headrace.router.fleet;

import io.vertx.core.Future;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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

  /**
   * True when the source watches its workers' health itself: a new worker that it does not call
   * down takes requests before the router's own first check. Otherwise that check decides.
   */
  default boolean watchesHealth() {
    return true;
  }

  /**
   * Called before {@link #start} with the workers that this source had when the process last ended.
   * A source whose workers come to it, instead of being looked up, takes them as its own again.
   */
  default void restore(List<WorkerSpec> lastKnown) {}

  /**
   * When the list reported last was known to be right ({@code System.nanoTime} scale), or null:
   * when it was reported. Any thread.
   */
  default @Nullable Long confirmedAtNanos() {
    return null;
  }
}

package dev.headrace.router.fleet;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The fleet, for those who use it. Any thread. */
@FunctionalInterface
public interface FleetView {
  /** As it is known now; costs one volatile read. */
  FleetSnapshot current();

  /**
   * Why no request could be served since the start, or null: some worker has been routable since,
   * or no source names any. Once null it stays null.
   */
  default @Nullable String notReady() {
    return null;
  }

  /**
   * Tells each minute or so which names count, for those who keep something by a name of the fleet.
   * Called on the fleet's loop, where no snapshot is published meanwhile; must be quick. A fleet
   * that never changes has nothing to tell.
   */
  default void onTidy(Consumer<KnownNames> listener) {}
}

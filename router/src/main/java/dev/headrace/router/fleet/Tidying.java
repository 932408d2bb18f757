package dev.headrace.router.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Keeps what is held by names of the fleet from growing with every name that ever was: tells each
 * minute, and sooner when many have gone, which names still count. By telling what stays and not
 * what went, also those who come late (a request that ends after its model has gone) are undone
 * with the next telling. Confined to the gate's loop.
 */
final class Tidying {
  private static final long EVERY_MILLIS = TimeUnit.MINUTES.toMillis(1);

  private final LoopGate gate;
  private final LongSupplier clock;
  private final RecentNames models = new RecentNames();
  private final RecentNames workers = new RecentNames();
  private final List<Consumer<KnownNames>> listeners = new ArrayList<>();
  private long timer = -1;

  Tidying(LoopGate gate, LongSupplier clock) {
    this.gate = gate;
    this.clock = clock;
  }

  void listen(Consumer<KnownNames> listener) {
    listeners.add(listener);
  }

  void start() {
    timer =
        gate.timer(
            EVERY_MILLIS,
            () -> {
              tidy();
              start();
            });
  }

  void stop() {
    gate.cancel(timer);
  }

  /** Takes the fleet as it is now. */
  void follow(FleetSnapshot fleet) {
    long now = clock.getAsLong();
    boolean many = models.follow(fleet.pools().keySet(), now);
    many |= workers.follow(fleet.workers().keySet(), now);
    if (many) {
      tidy();
    }
  }

  void tidy() {
    long now = clock.getAsLong();
    KnownNames names = new KnownNames(models.known(now), workers.known(now));
    listeners.forEach(listener -> listener.accept(names));
  }
}

package dev.headrace.router.fleet;

/** Gives the fleet as it is known now. Any thread; costs one volatile read. */
@FunctionalInterface
public interface FleetView {
  FleetSnapshot current();
}

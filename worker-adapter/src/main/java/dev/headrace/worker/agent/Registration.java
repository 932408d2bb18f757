package dev.headrace.worker.agent;

import io.vertx.core.Future;
import java.time.Duration;

/**
 * Where routers look for workers. Confined to the agent's context; {@link RegistrationKeeper} calls
 * one operation at a time.
 */
public sealed interface Registration permits ConsulRegistration, RouterRegistration {

  /** Its name in messages, such as {@code Consul at 127.0.0.1:8500}. */
  String target();

  /** The target, and where on it. */
  default String place() {
    return target();
  }

  /** How long a heartbeat holds. Asked again after each operation. */
  Duration ttl();

  /**
   * Registers, or replaces what was registered, with the announced status.
   *
   * @return fails with {@link RegistrationException}, or with whatever the connection failed with
   */
  Future<Void> register(Announcement announcement);

  /**
   * Tells the status anew.
   *
   * @return fails with {@link RegistrationException.Kind#LOST} when the target does not know the
   *     worker (any more)
   */
  Future<Void> renew(Announcement announcement);

  /** Takes the worker off the list. Succeeds also when it was not on it. */
  Future<Void> remove(String id);

  Future<Void> close();
}

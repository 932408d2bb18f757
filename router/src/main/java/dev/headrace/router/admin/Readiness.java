package dev.headrace.router.admin;

import org.jspecify.annotations.Nullable;

/** Whether the router takes requests. Any thread; quick. */
@FunctionalInterface
public interface Readiness {

  /** Null when it is ready, else one line that says why not. */
  @Nullable String notReady();
}

package dev.headrace.router.fleet;

import dev.headrace.worker.Engine;
import org.jspecify.annotations.Nullable;

/** Finds an engine by its id. Any thread. */
@FunctionalInterface
public interface EngineCatalog {

  /** The engine, or null when there is none of that name. */
  @Nullable Engine byId(String id);
}

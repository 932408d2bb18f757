package dev.headrace.router.fleet;

import java.util.List;

/**
 * All workers that serve a model now, whether or not they can take a request.
 *
 * @param model the name by which the workers know it
 */
public record Pool(String model, List<Worker> workers) {
  public Pool {
    workers = List.copyOf(workers);
  }
}

package dev.headrace.worker.load;

/**
 * Reads one engine's load from one of its URLs. Implementations are pure and hold no state.
 *
 * <p>An engine lists its readers in order of preference; the first whose path answers 200 and whose
 * body tells something is used from then on.
 */
public interface LoadReader {

  /** The path below the worker's base path, with its query when it needs one. */
  String path();

  /**
   * Reads an answer of status 200.
   *
   * @return the load; {@link WorkerLoad#known()} is false when the body tells nothing
   */
  WorkerLoad read(String body, long readAtNanos);
}

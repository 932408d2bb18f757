package dev.headrace.worker.load;

/**
 * Reads an engine's load from a header of its answers. Implementations are pure and hold no state.
 */
public interface LoadHeader {

  /** The request's header that asks for it; engines that are not asked send nothing. */
  String askName();

  /** That header's value. */
  String askValue();

  /** The answer's header, in lower case. */
  String name();

  /**
   * Reads the header of an answer.
   *
   * @return the load; all unknown when the value tells nothing
   */
  WorkerLoad read(String value, long readAtNanos);
}

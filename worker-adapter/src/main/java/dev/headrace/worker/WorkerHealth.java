package dev.headrace.worker;

/**
 * What a health answer means.
 *
 * @param reason one line for a person, empty when ready
 */
public record WorkerHealth(State state, String reason) {

  /**
   * READY takes requests; LOADING will later; DRAINING finishes what it has; DOWN does not answer
   * as it should.
   */
  public enum State {
    READY,
    LOADING,
    DRAINING,
    DOWN
  }

  public static final WorkerHealth READY = new WorkerHealth(State.READY, "");

  public static WorkerHealth down(String reason) {
    return new WorkerHealth(State.DOWN, reason);
  }

  public static WorkerHealth loading(String reason) {
    return new WorkerHealth(State.LOADING, reason);
  }

  public static WorkerHealth draining(String reason) {
    return new WorkerHealth(State.DRAINING, reason);
  }

  public boolean ready() {
    return state == State.READY;
  }
}

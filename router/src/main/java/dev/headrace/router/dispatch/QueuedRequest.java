package dev.headrace.router.dispatch;

import dev.headrace.router.balance.Ending;
import dev.headrace.router.dispatch.Dispatch.Placed;
import dev.headrace.router.dispatch.Dispatch.Placement;
import dev.headrace.router.dispatch.Dispatch.Wanted;
import dev.headrace.worker.Endpoint;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A request that waits in the line of its model. Answers are found on any loop and told on the
 * request's own; so whether it was cancelled is known where it matters, without a lock, and a place
 * that comes too late goes back.
 */
final class QueuedRequest implements Dispatch.Waiting {

  /** Requests with the same need find the same workers. */
  record Need(Endpoint endpoint, Set<String> excluded) {}

  private final Wanted wanted;
  private final Need need;
  private final Consumer<Placement> answer;
  private final Executor home;
  private final Consumer<QueuedRequest> leave;
  private boolean over;

  /**
   * @param home runs what it is given later, on the loop of the request
   * @param leave takes a request out of its line
   */
  QueuedRequest(
      Wanted wanted, Consumer<Placement> answer, Executor home, Consumer<QueuedRequest> leave) {
    this.wanted = wanted;
    this.need = new Need(wanted.endpoint(), wanted.excluded());
    this.answer = answer;
    this.home = home;
    this.leave = leave;
  }

  Wanted wanted() {
    return wanted;
  }

  Need need() {
    return need;
  }

  /** Any thread; the answer is given later, on the request's loop. */
  void tell(Placement placement) {
    home.execute(
        () -> {
          if (!over) {
            over = true;
            answer.accept(placement);
          } else if (placement instanceof Placed placed) {
            placed.lease().close(Ending.IGNORED);
          }
        });
  }

  @Override
  public void cancel() {
    if (!over) {
      over = true;
      leave.accept(this);
    }
  }
}

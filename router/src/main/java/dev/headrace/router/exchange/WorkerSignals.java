package dev.headrace.router.exchange;

import dev.headrace.router.fleet.Worker;
import dev.headrace.worker.FailureKind;

/**
 * What requests tell about workers, for whoever watches their health. Called on event loops: must
 * not block.
 */
public interface WorkerSignals {
  /** No connection could be made. */
  void connectFailed(Worker worker, String reason);

  /** It answered with a failure of its own, broke off, or went silent. */
  void failed(Worker worker, FailureKind kind, String reason);

  /** An answer came to its proper end. */
  void succeeded(Worker worker);

  /** Nobody listens. */
  WorkerSignals NONE =
      new WorkerSignals() {
        @Override
        public void connectFailed(Worker worker, String reason) {}

        @Override
        public void failed(Worker worker, FailureKind kind, String reason) {}

        @Override
        public void succeeded(Worker worker) {}
      };
}

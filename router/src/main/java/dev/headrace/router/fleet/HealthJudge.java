package dev.headrace.router.fleet;

import dev.headrace.worker.WorkerHealth;
import dev.headrace.worker.WorkerHealth.State;

/**
 * Turns single answers into a verdict on one worker. Pure; confined to one thread.
 *
 * <p>What a worker says of itself (ready for the first time, loading, draining) holds at once. Only
 * silence and broken answers need {@code failures} in a row before a ready worker is down, and only
 * a worker that was ready once and went down needs {@code successes} in a row before it is ready
 * again.
 */
final class HealthJudge {
  private final int failures;
  private final int successes;
  private WorkerHealth verdict;
  private boolean wasReady;
  private int failed;
  private int succeeded;

  HealthJudge(int failures, int successes, WorkerHealth verdict) {
    this.failures = failures;
    this.successes = successes;
    this.verdict = verdict;
    this.wasReady = verdict.ready();
  }

  WorkerHealth verdict() {
    return verdict;
  }

  /** Takes one answer and gives the verdict after it. */
  WorkerHealth observe(WorkerHealth seen) {
    if (seen.state() == State.DOWN) {
      succeeded = 0;
      failed++;
      if (verdict.state() != State.READY || failed >= failures) {
        verdict = seen;
      }
      return verdict;
    }
    failed = 0;
    if (!seen.ready()) {
      succeeded = 0;
      verdict = seen;
      return verdict;
    }
    succeeded++;
    if (verdict.state() != State.DOWN || !wasReady || succeeded >= successes) {
      verdict = seen;
      wasReady = true;
    }
    return verdict;
  }

  /** Two witnesses, or one that cannot err: down at once. */
  WorkerHealth convicted(WorkerHealth down) {
    failed = failures;
    succeeded = 0;
    verdict = down;
    return verdict;
  }

  /** Somebody else has settled the verdict, such as a source that vouches for the worker. */
  void settled(WorkerHealth health) {
    failed = 0;
    succeeded = 0;
    verdict = health;
    wasReady |= health.ready();
  }
}

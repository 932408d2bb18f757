package dev.headrace.router.fleet;

import dev.headrace.worker.WorkerProfile;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks workers what they are: at once when they are new, again after a jittered back-off while they
 * do not answer, and from time to time when their source leaves their models to them. Confined to
 * the gate's loop.
 *
 * <p>Each worker has at most one question under way or one timer set. An answer that was asked of
 * an earlier identity of the worker (its address changed meanwhile) is dropped.
 */
final class WorkerInterviews {
  private static final class Interview {
    boolean asking;
    boolean askAgain;
    int failures;
    long timer = -1;
    final Promise<Void> first = Promise.promise();
  }

  private final LoopGate gate;
  private final WorkerInquiry inquiry;
  private final EngineCatalog engines;
  private final FleetTimings timings;
  private final Jitter jitter;
  private final Throttle throttle;
  private final Consumer<WorkerEntry> onOutcome;
  private final WorkerLog log;
  private final Map<WorkerEntry, Interview> interviews = new HashMap<>();

  /**
   * @param onOutcome told after each question, answered or not
   */
  WorkerInterviews(
      LoopGate gate,
      WorkerInquiry inquiry,
      EngineCatalog engines,
      FleetTimings timings,
      Jitter jitter,
      Consumer<WorkerEntry> onOutcome,
      WorkerLog log) {
    this.gate = gate;
    this.inquiry = inquiry;
    this.engines = engines;
    this.timings = timings;
    this.jitter = jitter;
    this.throttle = new Throttle(gate, timings.concurrency());
    this.onOutcome = onOutcome;
    this.log = log;
  }

  /** Asks the worker now, if its source leaves anything open. */
  void ask(WorkerEntry entry) {
    String named = entry.spec().engine();
    if (named != null && engines.byId(named) == null) {
      complain(entry, "unknown engine '" + named + "'");
      return;
    }
    if (!entry.hasQuestions()) {
      entry.problem(null);
      return;
    }
    Interview interview = interviews.computeIfAbsent(entry, e -> new Interview());
    cancelTimer(interview);
    if (interview.asking) {
      interview.askAgain = true;
      return;
    }
    interview.asking = true;
    int identity = entry.identity();
    throttle
        .submit(
            () ->
                inquiry.describe(
                    entry.spec().address(), named == null ? null : engines.byId(named), key(entry)))
        .onComplete(
            result -> gate.run(() -> settle(entry, identity, result.result(), result.cause())));
  }

  /** Succeeds when each question that is under way for the first time has its outcome. */
  Future<Void> firstOutcomes() {
    return Future.join(
            interviews.values().stream().map(interview -> interview.first.future()).toList())
        .mapEmpty();
  }

  /** The worker left the fleet: nothing more is asked. */
  void forget(WorkerEntry entry) {
    Interview interview = interviews.remove(entry);
    if (interview != null) {
      cancelTimer(interview);
      interview.first.tryComplete();
    }
  }

  private void settle(
      WorkerEntry entry,
      int identity,
      @Nullable WorkerProfile answer,
      @Nullable Throwable failure) {
    Interview interview = interviews.get(entry);
    if (interview == null) {
      return;
    }
    interview.asking = false;
    if (identity != entry.identity() || interview.askAgain) {
      interview.askAgain = false;
      ask(entry);
      return;
    }
    String problem = answer == null ? reason(failure) : judge(entry, answer);
    if (answer != null) {
      entry.answered(answer);
    }
    if (problem == null) {
      entry.problem(null);
    } else {
      complain(entry, problem);
    }
    interview.failures = problem == null ? 0 : interview.failures + 1;
    if (problem != null || entry.spec().models() == null) {
      long delay =
          problem == null
              ? jitter.around(timings.refresh())
              : jitter.backOff(timings.firstRetry(), timings.longestRetry(), interview.failures);
      interview.timer =
          gate.timer(
              delay,
              () -> {
                interview.timer = -1;
                ask(entry);
              });
    }
    onOutcome.accept(entry);
    interview.first.tryComplete();
  }

  /** Once, however often it is asked in vain. */
  private void complain(WorkerEntry entry, String problem) {
    if (entry.problem() == null && entry.describe(engines) == null) {
      log.unresolved(entry.spec(), problem);
    }
    entry.problem(problem);
  }

  private @Nullable String judge(WorkerEntry entry, WorkerProfile answer) {
    if (entry.spec().engine() == null && engines.byId(answer.engine()) == null) {
      return "unknown engine '" + answer.engine() + "'";
    }
    if (entry.spec().models() == null && answer.models().isEmpty()) {
      return "it names no model";
    }
    return null;
  }

  private static String reason(@Nullable Throwable failure) {
    String message = failure == null ? null : failure.getMessage();
    return message == null ? "it did not answer" : message;
  }

  private void cancelTimer(Interview interview) {
    if (interview.timer >= 0) {
      gate.cancel(interview.timer);
      interview.timer = -1;
    }
  }

  private static @Nullable String key(WorkerEntry entry) {
    return entry.spec().apiKey() == null ? null : entry.spec().apiKey().reveal();
  }
}

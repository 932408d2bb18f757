package dev.headrace.loadtest.run;

import dev.headrace.loadtest.result.Metric;
import dev.headrace.loadtest.result.WorkerShare;
import dev.headrace.loadtest.stream.StreamReading;
import dev.headrace.loadtest.stream.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * Writes one measured request that has ended into the records. Failed requests enter no latency but
 * the time to failure: a quick refusal must not make the target look fast.
 */
record Settlement(
    LoopRecorder recorder, long intendedNanos, long sentNanos, long headNanos, long endNanos) {

  /**
   * @param reading of a streamed answer, else null
   */
  void succeed(
      @Nullable StreamReading reading, @Nullable TokenUsage usage, @Nullable String worker) {
    Tally tally = recorder.tally;
    tally.completed++;
    tally.lastEndNanos = Math.max(tally.lastEndNanos, endNanos);
    recorder.record(Metric.TTFB, headNanos - sentNanos);
    recorder.record(Metric.E2E, endNanos - intendedNanos);
    recorder.record(Metric.E2E_SENT, endNanos - sentNanos);
    long tokens = tokens(reading, usage);
    tally.outputTokens += tokens;
    WorkerShare share = worker == null ? null : recorder.worker(worker);
    if (share != null) {
      share.addCompleted(tokens);
    }
    if (reading == null) {
      return;
    }
    tally.contents += reading.contents();
    if (!reading.done()) {
      tally.withoutDone++;
    }
    if (reading.contents() == 0) {
      tally.empty++;
      return;
    }
    long first = reading.firstContentAt();
    recorder.record(Metric.TTFT, first - intendedNanos);
    recorder.record(Metric.TTFT_SENT, first - sentNanos);
    if (share != null) {
      share.addTtft(first - intendedNanos);
    }
    if (reading.contents() > 1) {
      recorder.record(Metric.LONGEST_GAP, reading.longestGap());
    }
    if (tokens > 1) {
      recorder.record(Metric.TPOT, (reading.lastContentAt() - first) / (tokens - 1));
    }
  }

  void fail(String kind, String message, @Nullable String worker) {
    Tally tally = recorder.tally;
    tally.failed++;
    tally.lastEndNanos = Math.max(tally.lastEndNanos, endNanos);
    recorder.record(Metric.TIME_TO_FAILURE, endNanos - sentNanos);
    recorder.error(kind, message);
    if (worker != null) {
      recorder.worker(worker).addFailed();
    }
  }

  /** From usage; without it each content counts as one token. */
  private long tokens(@Nullable StreamReading reading, @Nullable TokenUsage usage) {
    Tally tally = recorder.tally;
    if (usage != null) {
      tally.withUsage++;
      tally.promptTokens += usage.prompt();
      tally.cachedTokens += usage.cached();
      return usage.completion();
    }
    return reading == null ? 0 : reading.contents();
  }
}

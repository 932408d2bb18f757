package dev.headrace.loadtest.run;

import dev.headrace.loadtest.result.ErrorKind;
import dev.headrace.loadtest.result.Metric;
import dev.headrace.loadtest.result.WorkerShare;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * What one event loop recorded. Written by that loop only. While it runs, others may take interval
 * histograms; all else is read after the loop has ended. Memory is bounded: histograms, at most
 * {@link #MAX_WORKERS} workers and {@link #MAX_ERRORS} kinds of error.
 */
final class LoopRecorder {
  static final int MAX_WORKERS = 256;
  static final int MAX_ERRORS = 64;
  private static final String OTHER = "(other)";
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
  private static final int DIGITS = 3;

  private final Map<Metric, SingleWriterRecorder> recorders = new EnumMap<>(Metric.class);
  private final Map<String, WorkerShare> workers = new HashMap<>();
  private final Map<String, ErrorKind> errors = new TreeMap<>();
  final Tally tally = new Tally();

  LoopRecorder() {
    for (Metric metric : Metric.values()) {
      recorders.put(metric, new SingleWriterRecorder(DIGITS));
    }
  }

  void record(Metric metric, long nanos) {
    long micros = Math.min(LONGEST_MICROS, Math.max(0, nanos / 1_000));
    recorder(metric).recordValue(micros);
  }

  /** Values recorded since the last call, in microseconds. One reader at a time. */
  Histogram interval(Metric metric) {
    return recorder(metric).getIntervalHistogram();
  }

  WorkerShare worker(String id) {
    return workers.computeIfAbsent(
        workers.size() < MAX_WORKERS || workers.containsKey(id) ? id : OTHER, WorkerShare::new);
  }

  void error(String kind, String example) {
    errors
        .computeIfAbsent(
            errors.size() < MAX_ERRORS || errors.containsKey(kind) ? kind : OTHER, ErrorKind::new)
        .add(1, example);
  }

  Map<String, WorkerShare> workers() {
    return workers;
  }

  Map<String, ErrorKind> errors() {
    return errors;
  }

  private SingleWriterRecorder recorder(Metric metric) {
    SingleWriterRecorder recorder = recorders.get(metric);
    if (recorder == null) {
      throw new IllegalStateException("every metric has a recorder");
    }
    return recorder;
  }
}

package dev.headrace.loadtest.result;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.PackedHistogram;

/** What one worker got of the measured requests. Confined to one thread at a time. */
public final class WorkerShare {
  private final String id;
  private final Histogram ttft = new PackedHistogram(2);
  private long completed;
  private long failed;
  private long outputTokens;

  public WorkerShare(String id) {
    this.id = id;
  }

  public void addCompleted(long tokens) {
    completed++;
    outputTokens += tokens;
  }

  public void addFailed() {
    failed++;
  }

  public void addTtft(long nanos) {
    ttft.recordValue(Math.max(0, nanos / 1_000));
  }

  public void add(WorkerShare other) {
    completed += other.completed;
    failed += other.failed;
    outputTokens += other.outputTokens;
    ttft.add(other.ttft);
  }

  public String id() {
    return id;
  }

  public long completed() {
    return completed;
  }

  public long failed() {
    return failed;
  }

  public long requests() {
    return completed + failed;
  }

  public long outputTokens() {
    return outputTokens;
  }

  /** Time to first token from the intended start, in microseconds. */
  public Histogram ttft() {
    return ttft;
  }
}

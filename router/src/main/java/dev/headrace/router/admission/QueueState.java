package dev.headrace.router.admission;

import java.util.List;

/**
 * What a line looks like at one moment.
 *
 * @param oldestSeconds the longest wait of those still waiting; 0: nobody waits
 * @param perSecond places that the line hands out while somebody waits; NaN: not known yet
 * @param predictedWaitSeconds see {@link WaitingLine#predictedWaitSeconds}
 * @param retryAfterMillis what a newcomer would be told
 * @param classes most urgent first
 */
public record QueueState(
    String model,
    double oldestSeconds,
    double perSecond,
    double predictedWaitSeconds,
    long retryAfterMillis,
    List<ClassState> classes) {
  public QueueState {
    classes = List.copyOf(classes);
  }

  /** The part of one class. */
  public record ClassState(Priority priority, int depth, double tokens) {}

  /** The part of this class. */
  public ClassState of(Priority priority) {
    for (ClassState part : classes) {
      if (part.priority() == priority) {
        return part;
      }
    }
    return new ClassState(priority, 0, 0);
  }

  /** Expected tokens of all that wait. */
  public double tokens() {
    return classes.stream().mapToDouble(ClassState::tokens).sum();
  }

  public int depth() {
    return classes.stream().mapToInt(ClassState::depth).sum();
  }
}

package dev.headrace.router.admission;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who goes first among the requests of one tenant and one class. */
public enum Order {
  /** First come, first served. */
  FCFS("fcfs"),
  /**
   * The least expected work first; but whoever has waited longer than a quarter of the longest wait
   * goes before, oldest first.
   */
  SHORTEST_JOB_FIRST("shortest-job-first");

  private final String label;

  Order(String label) {
    this.label = label;
  }

  /** The word that configuration uses. */
  public String label() {
    return label;
  }

  /** All words. */
  public static List<String> labels() {
    return Stream.of(values()).map(Order::label).toList();
  }

  /** The order that this word names, or null when it names none. */
  public static @Nullable Order of(@Nullable String word) {
    for (Order order : values()) {
      if (order.label.equals(word)) {
        return order;
      }
    }
    return null;
  }
}

package dev.headrace.router.admission;

/**
 * One request that waits. Guarded by whatever guards its {@link WaitingLine}.
 *
 * @param <T> what the waiting belongs to
 */
public final class Ticket<T> {
  private final T holder;
  private final Terms terms;
  private long number = -1;

  /**
   * What is known of a request when it begins to wait.
   *
   * @param tenant whose share it uses
   * @param workSeconds expected time on a worker, from its place to its last token
   * @param tokens expected tokens, prompt and output, at least 1
   * @param enteredNanos when it entered the line, monotonic; ageing and the bound on waiting count
   *     from here
   * @param deadlineNanos monotonic; the first token is wanted by then
   * @param serviceNanos shortest time from a place to the first token
   */
  public record Terms(
      Priority priority,
      String tenant,
      double workSeconds,
      double tokens,
      long enteredNanos,
      long deadlineNanos,
      long serviceNanos) {}

  public Ticket(T holder, Terms terms) {
    this.holder = holder;
    this.terms = terms;
  }

  public T holder() {
    return holder;
  }

  public Terms terms() {
    return terms;
  }

  /** Place in the order of entry; -1: it has not entered. */
  long number() {
    return number;
  }

  void enter(long entry) {
    number = entry;
  }
}

package dev.headrace.router.balance;

/**
 * Where a worker stands in one pool, for operators.
 *
 * @param state {@code in_use}, {@code slow_start}, {@code ejected}, {@code trial}: its time is over
 *     and a trial request is awaited or under way
 * @param why what it was ejected for last, or empty
 * @param ejections in a row
 * @param millisLeft until its trial, or until its full weight; 0 otherwise
 * @param trialUnderWay a trial request is on it
 * @param ignored the pool is in panic: it is used although it is ejected
 * @param share of its weight that it has now, 0.1 to 1
 */
public record OutlierView(
    String model,
    String state,
    String why,
    int ejections,
    long millisLeft,
    boolean trialUnderWay,
    boolean ignored,
    double share) {

  /** True while it is ejected, its trial included. */
  public boolean out() {
    return state.equals("ejected") || state.equals("trial");
  }

  /** True when there is nothing to tell. */
  public boolean plain() {
    return state.equals("in_use");
  }
}

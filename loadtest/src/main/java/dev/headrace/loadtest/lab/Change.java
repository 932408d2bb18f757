package dev.headrace.loadtest.lab;

/**
 * What happens to one worker in the middle of a run. Times are shares of the run's length.
 *
 * @param worker its index, or -1: nothing happens
 * @param joins when routers see it first; 0: from the beginning
 * @param from when its pace changes
 * @param until when it is as fast as ever again
 * @param pace its speed meanwhile, over its usual one
 */
record Change(int worker, double joins, double from, double until, double pace) {
  static final Change NONE = new Change(-1, 0, 0, 0, 1);

  /** It is slow for a while, and says nothing. */
  static Change slow(int worker, double pace) {
    return new Change(worker, 0, 0.4, 0.6, pace);
  }

  /** It appears, and is cold at first. */
  static Change joins(int worker, double pace) {
    return new Change(worker, 0.4, 0.4, 0.45, pace);
  }

  boolean present(int index, double share) {
    return index != worker || share >= joins;
  }

  double paceAt(double share) {
    return share >= from && share < until ? pace : 1;
  }
}

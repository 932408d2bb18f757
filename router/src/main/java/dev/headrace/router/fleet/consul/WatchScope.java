package dev.headrace.router.fleet.consul;

import io.vertx.core.Context;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What the watches of one source share.
 *
 * @param context everything runs on it
 * @param nanos the monotonic clock
 * @param graceNanos how long workers stay that a restarted Consul has forgotten
 */
record WatchScope(
    ConsulAddress address,
    Context context,
    Contact contact,
    LongSupplier nanos,
    RandomGenerator random,
    long graceNanos) {

  /** A conversation at this scope's pace, not yet started. */
  <T> BlockingQuery<T> query(
      BlockingQuery.Question<T> question, BlockingQuery.Listener<T> listener) {
    return new BlockingQuery<>(
        context, address.config().maxWait(), new QueryPace(random), nanos, question, listener);
  }
}

package dev.headrace.router.fleet.consul;

import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Whether Consul answers, over all watches of one user of it. Says so once when contact is lost and
 * once when it is back. Written on one context, read from any thread.
 */
final class Contact {
  private static final Logger LOG = Logger.getLogger(Contact.class.getName());

  private final String consul;
  private final String kept;
  private final LongSupplier nanos;
  private final Set<String> failing = new ConcurrentSkipListSet<>();
  private volatile long lastNanos;
  private volatile boolean ever;

  /**
   * @param consul its name in messages
   * @param kept what goes on being used meanwhile, for the message
   */
  Contact(String consul, String kept, LongSupplier nanos) {
    this.consul = consul;
    this.kept = kept;
    this.nanos = nanos;
    this.lastNanos = nanos.getAsLong();
  }

  void answered(String watch) {
    lastNanos = nanos.getAsLong();
    ever = true;
    if (failing.remove(watch) && failing.isEmpty()) {
      LOG.info(consul + " answers again");
    }
  }

  void failed(String watch, Throwable cause) {
    boolean first = failing.isEmpty();
    if (failing.add(watch) && first) {
      LOG.log(
          Level.WARNING,
          "{0} cannot be asked for {1} ({2}); {3}, and asking goes on",
          new Object[] {consul, watch, reason(cause), ever ? kept : "nothing is known yet"});
    }
  }

  /** The watch has ended. */
  void forget(String watch) {
    failing.remove(watch);
  }

  /** True while every watch's last query was answered; also before the first result. */
  boolean reachable() {
    return failing.isEmpty();
  }

  /**
   * When an answer came last, on the clock that was given; before the first, when this was made.
   */
  long lastNanos() {
    return lastNanos;
  }

  private static String reason(Throwable cause) {
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? cause.getClass().getSimpleName()
        : message.strip();
  }
}

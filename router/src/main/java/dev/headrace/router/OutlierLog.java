package dev.headrace.router;

import dev.headrace.router.balance.OutlierListener;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Writes ejections, returns and panic to the log: rare, and worth a line each. Any thread. */
final class OutlierLog implements OutlierListener {
  private static final Logger LOG = Logger.getLogger(OutlierLog.class.getName());

  @Override
  public void ejected(
      String model, String worker, Reason reason, String why, Duration time, int ejections) {
    LOG.log(
        Level.WARNING,
        "Worker {0} is ejected from the pool of {1} for {2} s (ejection {3} in a row): {4}",
        new Object[] {worker, model, time.toMillis() / 1000.0, ejections, why});
  }

  @Override
  public void tried(String model, String worker, Trial result) {
    LOG.log(
        Level.FINE,
        "Trial of worker {0} in the pool of {1}: {2}",
        new Object[] {worker, model, result.label()});
  }

  @Override
  public void returned(String model, String worker, String why) {
    LOG.log(
        Level.INFO,
        "Worker {0} is back in the pool of {1}: {2}",
        new Object[] {worker, model, why});
  }

  @Override
  public void panic(String model, boolean begins, int ejected, int routable) {
    if (begins) {
      LOG.log(
          Level.WARNING,
          "Panic in the pool of {0}: {1} of {2} routable workers are ejected, so all are used",
          new Object[] {model, ejected, routable});
    } else {
      LOG.log(
          Level.INFO,
          "The panic in the pool of {0} is over: {1} of {2} routable workers are ejected",
          new Object[] {model, ejected, routable});
    }
  }
}

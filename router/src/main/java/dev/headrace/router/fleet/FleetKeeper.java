package dev.headrace.router.fleet;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last known fleet on disk: reads it once, writes it a moment after changes, never on the
 * event loop. Confined to the gate's loop. At most one write is under way; what changes meanwhile
 * is written after it. A disk that fails costs a log line, never the fleet.
 */
final class FleetKeeper {
  private static final Logger LOG = Logger.getLogger(FleetKeeper.class.getName());
  private static final long DEBOUNCE_MILLIS = 500;

  private final Vertx vertx;
  private final LoopGate gate;
  private final FleetStateFile file;
  private final Function<String, LastKnownFleet> content;
  private String salt;
  private @Nullable LastKnownFleet written;
  private Future<Void> writing = Future.succeededFuture();
  private long timer = -1;
  private boolean broken;

  /**
   * @param content gives what is known now, under the given salt
   */
  FleetKeeper(
      Vertx vertx,
      LoopGate gate,
      FleetStateFile file,
      String salt,
      Function<String, LastKnownFleet> content) {
    this.vertx = vertx;
    this.gate = gate;
    this.file = file;
    this.salt = salt;
    this.content = content;
  }

  /** Gives what an earlier process left, or null; never fails. */
  Future<@Nullable LastKnownFleet> read() {
    return vertx
        .<@Nullable LastKnownFleet>executeBlocking(file::read)
        .recover(
            failure -> {
              LOG.log(
                  Level.WARNING,
                  "The last known fleet in {0} cannot be used: {1}. Starting without it.",
                  new Object[] {file.path(), message(failure)});
              return Future.succeededFuture(null);
            })
        .onSuccess(
            known -> {
              if (known != null) {
                salt = known.salt();
              }
            });
  }

  /** Something may have changed: it is written soon. */
  void changed() {
    if (timer < 0) {
      timer =
          gate.timer(
              DEBOUNCE_MILLIS,
              () -> {
                timer = -1;
                write();
              });
    }
  }

  /** Writes what is not written yet; succeeds even when that fails. */
  Future<Void> flush() {
    if (timer >= 0) {
      gate.cancel(timer);
      timer = -1;
      write();
    }
    return writing;
  }

  private void write() {
    LastKnownFleet now = content.apply(salt);
    if (sameBesidesTimes(now, written)) {
      return;
    }
    written = now;
    writing =
        writing
            .compose(ignored -> vertx.executeBlocking(() -> store(now)))
            .onComplete(result -> gate.run(() -> note(result.cause())))
            .otherwiseEmpty();
  }

  private @Nullable Void store(LastKnownFleet fleet) throws IOException {
    file.write(fleet);
    return null;
  }

  private void note(@Nullable Throwable failure) {
    if (failure == null) {
      broken = false;
      return;
    }
    written = null;
    if (!broken) {
      broken = true;
      LOG.log(
          Level.WARNING,
          "The last known fleet cannot be written to {0}: {1}",
          new Object[] {file.path(), message(failure)});
    }
  }

  private static boolean sameBesidesTimes(LastKnownFleet now, @Nullable LastKnownFleet before) {
    return before != null && now.withoutTimes().equals(before.withoutTimes());
  }

  private static String message(Throwable failure) {
    String message = failure.getMessage();
    return message == null || failure instanceof FileSystemException ? failure.toString() : message;
  }
}

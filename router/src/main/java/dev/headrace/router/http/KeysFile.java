package dev.headrace.router.http;

import dev.headrace.router.config.Guess;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the keys as the file says: read again when it changes, so that a key is revoked without a
 * restart. A file that cannot be read changes nothing and is told once. Any thread reads {@link
 * #current}.
 */
final class KeysFile {
  private static final Logger LOG = Logger.getLogger(KeysFile.class.getName());
  private static final long LOOK_MILLIS = 1_000;

  private final Vertx vertx;
  private final Path path;
  private volatile ApiKeys keys = ApiKeys.parse("");
  private long readAt = -1;
  private long size = -1;
  private boolean looking;
  private long timer;
  private @Nullable String toldFault;

  KeysFile(Vertx vertx, Path path) {
    this.vertx = vertx;
    this.path = path;
  }

  /** Reads the file; fails with a clear message when it cannot be read the first time. */
  Future<Void> start() {
    return read()
        .onSuccess(done -> timer = vertx.setPeriodic(LOOK_MILLIS, id -> look()))
        .recover(
            cause ->
                Future.failedFuture(
                    new IllegalArgumentException(
                        "cannot read the keys file " + path + ": " + cause.getMessage(), cause)));
  }

  private void look() {
    if (looking) {
      return;
    }
    looking = true;
    read()
        .onComplete(
            done -> {
              looking = false;
              String fault = done.succeeded() ? null : String.valueOf(done.cause().getMessage());
              if (fault != null && !fault.equals(toldFault)) {
                LOG.log(
                    Level.WARNING,
                    "the keys file {0} cannot be read, its last keys stay in force: {1}",
                    new Object[] {path, fault});
              }
              toldFault = fault;
            });
  }

  private Future<Void> read() {
    return vertx
        .fileSystem()
        .props(path.toString())
        .compose(
            props -> {
              if (props.lastModifiedTime() == readAt && props.size() == size) {
                return Future.succeededFuture();
              }
              return vertx
                  .fileSystem()
                  .readFile(path.toString())
                  .map(
                      text -> {
                        ApiKeys parsed = ApiKeys.parse(text.toString());
                        keys = parsed;
                        readAt = props.lastModifiedTime();
                        size = props.size();
                        return null;
                      });
            });
  }

  /** Warns of names for which there is no key: they have been misspelt, or their keys are gone. */
  void expect(Collection<String> names, String where) {
    Set<String> known = keys.names();
    for (String name : names) {
      if (!known.contains(name)) {
        String guess = Guess.among(name, known);
        LOG.log(
            Level.WARNING,
            "{0}.{1} has no effect: {2} has no key of that name{3}",
            new Object[] {where, name, path, guess == null ? "" : "; did you mean " + guess + "?"});
      }
    }
  }

  ApiKeys current() {
    return keys;
  }

  void stop() {
    vertx.cancelTimer(timer);
  }
}
